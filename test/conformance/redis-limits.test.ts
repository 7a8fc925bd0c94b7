import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect, connectDatabase, ownServer, sharedServer } from "../support/redis/connect.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

interface Wait {
  readonly title: string;
  readonly key: string;
  readonly fill: (app: Redis) => Promise<unknown>;
  readonly take: (app: Redis) => Promise<unknown>;
  readonly block: readonly [string, ...string[]];
  readonly count: (app: Redis) => Promise<number>;
}

const LIST = {
  key: "jobs",
  fill: (app: Redis) => app.rpush("jobs", "one"),
  take: (app: Redis) => app.lpop("jobs"),
  count: (app: Redis) => app.llen("jobs"),
};

/** How workers wait. BullMQ's block in BZPOPMIN on a marker that says there are jobs. */
const WAITS: readonly Wait[] = [
  { ...LIST, title: "BLPOP", block: ["BLPOP", "jobs", "5"] },
  { ...LIST, title: "BRPOPLPUSH", block: ["BRPOPLPUSH", "jobs", "active", "5"] },
  { ...LIST, title: "BLMOVE", block: ["BLMOVE", "jobs", "active", "RIGHT", "LEFT", "5"] },
  {
    title: "BZPOPMIN",
    key: "bull:queue:marker",
    fill: (app) =>
      app.multi().lpush("bull:queue:wait", "one").zadd("bull:queue:marker", 0, "one").exec(),
    take: (app) => app.multi().rpop("bull:queue:wait").zpopmin("bull:queue:marker").exec(),
    block: ["BZPOPMIN", "bull:queue:marker", "5"],
    count: (app) => app.zcard("bull:queue:marker"),
  },
  {
    title: "XREADGROUP",
    key: "jobs",
    fill: async (app) => {
      await app.xgroup("CREATE", "jobs", "workers", "$", "MKSTREAM");
      await app.xadd("jobs", "1-0", "job", "one");
    },
    take: (app) => app.xreadgroup("GROUP", "workers", "w", "STREAMS", "jobs", ">"),
    block: ["XREADGROUP", "GROUP", "workers", "w", "BLOCK", "5000", "STREAMS", "jobs", ">"],
    count: async (app) =>
      (await app.xlen("jobs")) - Number((await app.xpending("jobs", "workers"))[0]),
  },
];

lane("redis limits", needsRedis, () => {
  const shared = sharedServer();

  describe("a client that waits", () => {
    describe.for(["touched", "copy", "dump"] as const)("isolation %s", (isolation) => {
      test.for(WAITS)("in $title is told when it takes what a rollback puts back", async (wait) => {
        const { adapter, app } = await shared.connect({ isolation });
        const worker = await appConnection(shared.port(), app.options.db);
        await wait.fill(app);
        await adapter.open();
        const at = await adapter.checkpoint();
        await wait.take(app);
        const [name, ...args] = wait.block;
        const taken = worker.call(name, ...args);
        await sleep(30);

        const failure: unknown = await adapter.rollback(at).catch((error: unknown) => error);

        expect(failure).toMatchObject({
          code: "EXPLORE_CONSUMER_WAITING",
          details: { keys: [wait.key] },
        });
        expect((failure as Error).message).toContain(`  keys:      ${wait.key}\n`);
        expect(JSON.stringify(await taken)).toContain("one");
        // Now nobody waits, and the world could go on.
        await adapter.rollback(at);
        expect(await wait.count(app)).toBe(1);
      });
    });

    test("in a stream of which it has had everything stays there", async () => {
      const { adapter, app } = await shared.connect();
      const worker = await appConnection(shared.port(), app.options.db);
      await app.xadd("jobs", "1-0", "job", "one");
      await app.xgroup("CREATE", "jobs", "workers", "0");
      await app.xreadgroup("GROUP", "workers", "w", "STREAMS", "jobs", ">");
      await app.xack("jobs", "workers", "1-0");
      await adapter.open();
      const at = await adapter.checkpoint();
      const [name = "", ...args] = "XREADGROUP GROUP workers w BLOCK 5000 STREAMS jobs >".split(
        " ",
      );
      const waiting = worker.call(name, ...args);
      await sleep(30);
      await app.xgroup("CREATE", "jobs", "others", "$");

      await adapter.rollback(at);

      await app.xadd("jobs", "2-0", "job", "two");
      expect(JSON.stringify(await waiting)).toContain("two");
    });

    test("is not blamed for who adds to a queue while it is put back", async () => {
      const { adapter, app } = await shared.connect({ quiescenceMs: 5000 });
      await app.rpush("jobs", "one");
      await adapter.open();
      const at = await adapter.checkpoint();
      for (let round = 0; round < 60; round += 1) {
        await app.lpop("jobs");
        await Promise.all([
          adapter.rollback(at),
          sleep(round % 3 === 0 ? 1 : 0).then(() => app.rpush("jobs", `later ${round}`)),
        ]);
      }
      await adapter.rollback(at);

      expect(await app.lrange("jobs", 0, -1)).toEqual(["one"]);
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
