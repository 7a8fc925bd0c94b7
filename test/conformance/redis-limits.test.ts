import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect, connectDatabase, ownServer, sharedServer } from "../support/redis/connect.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

lane("redis limits", needsRedis, () => {
  const shared = sharedServer();

  describe("a client that waits", () => {
    test("for a job that a rollback puts back is told, with the job's key", async () => {
      const { adapter, app } = await shared.connect();
      const port = shared.port();
      const worker = await appConnection(port, app.options.db);
      await app.rpush("jobs", "one");
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.lpop("jobs");
      const taken = worker.blpop("jobs", 5);
      await sleep(30);

      await expect(adapter.rollback(at)).rejects.toMatchObject({
        code: "EXPLORE_CONSUMER_WAITING",
        details: { keys: ["jobs"] },
      });
      expect(await taken).toEqual(["jobs", "one"]);
    });

    test("for something else is left alone and told nowhere", async () => {
      const { adapter, app } = await shared.connect();
      const worker = await appConnection(shared.port(), app.options.db);
      await app.rpush("jobs", "one");
      await adapter.open();
      const at = await adapter.checkpoint();
      const waiting = worker.blpop("other", 5);
      await app.rpush("jobs", "two");

      await adapter.rollback(at);

      expect(await app.lrange("jobs", 0, -1)).toEqual(["one"]);
      await app.rpush("other", "x");
      expect(await waiting).toEqual(["other", "x"]);
    });

    test("for a queue that was empty at the checkpoint finds it empty", async () => {
      const { adapter, app } = await shared.connect();
      const worker = await appConnection(shared.port(), app.options.db);
      await adapter.open();
      const waiting = worker.blpop("jobs", 5);
      await sleep(20);
      const at = await adapter.checkpoint();
      await app.set("a", "1");

      await adapter.rollback(at);

      await app.rpush("jobs", "x");
      expect(await waiting).toEqual(["jobs", "x"]);
    });
  });

  describe("out of memory", () => {
    test("is told by the handle, and a rollback makes room", async () => {
      const { port } = await ownServer(["--maxmemory", "12mb"]);
      const { handle, adapter } = await connect({ host: "127.0.0.1", port });
      const app = await appConnection(port);
      await handle.set("big", "x".repeat(3_000_000));
      await adapter.open();
      const at = await adapter.checkpoint();
      await handle.del("big");
      const fill = async (): Promise<void> => {
        for (let index = 0; ; index += 1) await handle.set(`fill:${index}`, "y".repeat(200_000));
      };

      await expect(fill()).rejects.toMatchObject({
        code: "EXPLORE_REDIS_OUT_OF_MEMORY",
        message: expect.stringContaining("cache: Redis is out of memory and refused SET."),
      });
      // So that nothing may be written before something is removed.
      const used = Number(/^used_memory:(\d+)/m.exec(await app.info("memory"))?.[1]);
      await app.config("SET", "maxmemory", used - 500_000);
      await adapter.rollback(at);

      expect(await app.keys("fill:*")).toEqual([]);
      expect(await app.strlen("big")).toBe(3_000_000);
    });

    test("does not keep a rollback from putting back what was there", async () => {
      const { port } = await ownServer();
      const { handle, adapter } = await connect({ host: "127.0.0.1", port });
      const app = await appConnection(port);
      for (const name of ["a", "b", "c"]) await handle.set(name, name.repeat(1_000_000));
      await adapter.open();
      const at = await adapter.checkpoint();
      await handle.del("a", "b", "c");
      await app.config("SET", "maxmemory", "1mb");
      await expect(handle.set("a", "1")).rejects.toMatchObject({
        code: "EXPLORE_REDIS_OUT_OF_MEMORY",
      });

      await adapter.rollback(at);

      expect(await app.mget("a", "b", "c")).toEqual(["a", "b", "c"].map((c) => c.repeat(1e6)));
      expect((await adapter.observe())["string"]?.size).toBe(3);
      expect(await adapter.diff(at)).toEqual([]);
      await adapter.checkpoint();
    });

    test("is told when there is no room for our own key, and nothing is left", async () => {
      const { port } = await ownServer(["--maxmemory", "1"]);

      await expect(connectDatabase({ host: "127.0.0.1", port })).rejects.toMatchObject({
        code: "EXPLORE_REDIS_OUT_OF_MEMORY",
      });
      const app = await appConnection(port);
      expect(await app.info("keyspace")).not.toContain("db0");
    });

    test("is told by a copy of all keys, of which nothing is left", async () => {
      const { port } = await ownServer();
      const { handle, adapter } = await connect({ host: "127.0.0.1", port, isolation: "copy" });
      const app = await appConnection(port);
      await handle.set("big", "x".repeat(3_000_000));
      await adapter.open();
      await app.config("SET", "maxmemory", "1mb");

      await expect(adapter.checkpoint()).rejects.toMatchObject({
        code: "EXPLORE_REDIS_OUT_OF_MEMORY",
      });
      expect(await (await appConnection(port, 1)).keys("*")).toEqual(["vitest-explore:owner"]);
    });
  });
});
