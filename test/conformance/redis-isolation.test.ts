import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect, ownServer, sharedServer } from "../support/redis/connect.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

lane("redis isolation", needsRedis, () => {
  const shared = sharedServer();

  test("says how it works", async () => {
    const { adapter } = await shared.connect();

    expect(await adapter.open()).toEqual({
      mode: "touched",
      reason: "the server names every key that anybody changes in database 0",
      notRestored: [
        "what was published to channels",
        "functions and scripts",
        "SWAPDB by the app",
        "other databases of the server",
      ],
    });
  });

  test("auto compares all keys where the server does not allow tracking", async () => {
    const { port } = await ownServer();
    const root = await appConnection(port);
    await root.call(
      "ACL",
      "SETUSER",
      "limited",
      "on",
      ">pw",
      "~*",
      "&*",
      "+@all",
      "-client|tracking",
    );
    const login = { host: "127.0.0.1", port, username: "limited", password: "pw" };
    const { handle, adapter } = await connect(login);

    expect(await adapter.open()).toMatchObject({ mode: "dump" });
    const at = await adapter.checkpoint();
    await handle.set("a", "1");
    await adapter.rollback(at);
    expect(await handle.get("a")).toBeNull();

    const { adapter: asked } = await connect({ ...login, isolation: "touched" });
    await expect(asked.open()).rejects.toMatchObject({ code: "EXPLORE_ISOLATION_UNAVAILABLE" });
  });

  describe("time to live", () => {
    test("a key that ran out is back with the time it had left", async () => {
      const { adapter, app } = await shared.connect();
      await app.set("short", "1", "PX", 600);
      await adapter.open();
      const at = await adapter.checkpoint();
      await sleep(650);
      expect(await app.get("short")).toBeNull();

      await adapter.rollback(at);

      expect(await app.get("short")).toBe("1");
      const left = await app.pttl("short");
      expect(left).toBeGreaterThan(200);
      expect(left).toBeLessThanOrEqual(600);
    });

    test("a key that nobody touched gets its time back too", async () => {
      const { adapter, app } = await shared.connect();
      await app.set("session", "1", "PX", 10_000);
      await adapter.open();
      const at = await adapter.checkpoint();
      await sleep(150);
      expect(await app.pttl("session")).toBeLessThan(9_900);

      await adapter.rollback(at);

      expect(await app.pttl("session")).toBeGreaterThan(9_900);
    });

    test("of thousands of keys costs a rollback nothing until it is off by a hundredth", async () => {
      const { port } = await ownServer();
      const { adapter } = await connect({ host: "127.0.0.1", port });
      const app = await appConnection(port);
      const source = "for i = 1, 3000 do redis.call('SET', 'k' .. i, i, 'PX', ARGV[1]) end";
      await app.eval(source, 0, 100_000);
      await adapter.open();
      const at = await adapter.checkpoint();
      const timesSet = async (): Promise<number> =>
        Number(/cmdstat_pexpire:calls=(\d+)/.exec(await app.info("commandstats"))?.[1] ?? 0);

      await app.set("k1", "x");
      await adapter.rollback(at);
      expect(await timesSet()).toBe(0);
      expect(await app.pttl("k1")).toBeGreaterThan(99_000);

      await sleep(1100);
      await adapter.rollback(at);
      expect(await timesSet()).toBeGreaterThanOrEqual(2999);
      expect(await app.pttl("k2")).toBeGreaterThan(99_500);
    });

    test("a key that had run out at a checkpoint does not come back", async () => {
      const { port } = await ownServer(["--enable-debug-command", "local"]);
      const { adapter } = await connect({ host: "127.0.0.1", port });
      const app = await appConnection(port);
      // Keys that have run out stay in memory until they are asked for, and nothing tells of them.
      await app.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      await app.set("short", "1", "PX", 400);
      await adapter.open();
      const first = await adapter.checkpoint();
      await sleep(450);
      const later = await adapter.checkpoint();
      expect((await adapter.diff(first)).flatMap(({ changes }) => changes)).toEqual([
        { before: ["short", "string", "1", true] },
      ]);

      await adapter.rollback(first);
      expect(await app.get("short")).toBe("1");
      await adapter.rollback(later);
      expect(await app.get("short")).toBeNull();
    });
  });

  test("changes of stream groups, which the server does not tell, are undone", async () => {
    const { adapter, app } = await shared.connect();
    await app.xadd("jobs", "1-1", "a", "b");
    await app.xgroup("CREATE", "jobs", "workers", "0");
    await adapter.open();
    const first = await adapter.checkpoint();
    await app.xreadgroup("GROUP", "workers", "w1", "STREAMS", "jobs", ">");
    const taken = await adapter.checkpoint();
    await app.xack("jobs", "workers", "1-1");
    expect(await app.xpending("jobs", "workers")).toEqual([0, null, null, null]);

    await adapter.rollback(taken);
    expect(await app.xpending("jobs", "workers")).toEqual([1, "1-1", "1-1", [["w1", "1"]]]);
    await adapter.rollback(first);
    expect(await app.xpending("jobs", "workers")).toEqual([0, null, null, null]);
    expect(await adapter.diff(first)).toEqual([]);
  });

  test.for(["FLUSHDB", "FLUSHALL", "FLUSHDB ASYNC"])("%s by the app is undone", async (flush) => {
    const { port } = await ownServer();
    const { handle, adapter } = await connect({ host: "127.0.0.1", port });
    const app = await appConnection(port);
    await app.mset("a", "1", "b", "2");
    await app.rpush("l", "x");
    await adapter.open();
    const first = await adapter.checkpoint();
    await handle.set("c", "3");
    const second = await adapter.checkpoint();
    const before = await readAll(app);

    await app.call(...(flush.split(" ") as [string]));
    await app.set("b", "after");
    expect((await adapter.diff(second))[0]?.changes).toHaveLength(4);
    await adapter.rollback(second);

    expect(await readAll(app)).toEqual(before);
    expect(await app.get("vitest-explore:owner")).toContain('"stage":"empty"');
    await adapter.rollback(first);
    expect(await app.get("c")).toBeNull();
    expect(await app.get("b")).toBe("2");
  });

  test("somebody who does not stop writing is told, with the key", async () => {
    const { adapter, app } = await shared.connect({ quiescenceMs: 50 });
    await adapter.open();
    const done = new AbortController();
    const writer = (async () => {
      while (!done.signal.aborted) await app.incr("busy");
    })();

    await expect(adapter.checkpoint()).rejects.toMatchObject({
      code: "EXPLORE_TRANSACTION_OPEN",
      details: { keys: ["busy"], quiescenceMs: 50 },
    });
    done.abort();
    await writer;
    await adapter.checkpoint();
  });

  test("a write that comes in the middle of a rollback is undone by the next", async () => {
    const { adapter, app } = await shared.connect();
    await app.set("a", "first");
    await adapter.open();
    const at = await adapter.checkpoint();

    for (let round = 0; round < 60; round += 1) {
      await app.set("a", `written ${round}`);
      await Promise.all([
        adapter.rollback(at),
        // Comes before, between or after the steps of the rollback.
        sleep(round % 3 === 0 ? 1 : 0).then(() => app.mset("a", "x", `b${round}`, "y")),
      ]);
      await adapter.rollback(at);
      expect(await app.mget("a", `b${round}`), `round ${round}`).toEqual(["first", null]);
    }
  });

  test("a tracking connection that is lost means that anything may have changed", async () => {
    const { port } = await ownServer();
    const { adapter } = await connect({ host: "127.0.0.1", port });
    const app = await appConnection(port);
    await app.set("a", "first");
    await adapter.open();
    const first = await adapter.checkpoint();

    for (const round of [1, 2]) {
      await app.call("CLIENT", "KILL", "TYPE", "pubsub");
      await app.set("a", `in round ${round}`);
      await app.set("b", "1");
      expect((await adapter.diff(first)).flatMap(({ changes }) => changes)).toHaveLength(2);
      const changed = await adapter.checkpoint();
      await app.call("CLIENT", "KILL", "TYPE", "pubsub");
      await app.del("b");
      await adapter.rollback(changed);
      expect(await app.mget("a", "b")).toEqual([`in round ${round}`, "1"]);
      await app.set("c", "1");
      await adapter.rollback(first);
      expect(await app.mget("a", "b", "c")).toEqual(["first", null, null]);
    }
  });

  test("messages that the server could not keep mean that anything may have changed", async () => {
    const { port } = await ownServer(
      "--client-output-buffer-limit pubsub 200kb 100kb 1".split(" "),
    );
    const { adapter } = await connect({ host: "127.0.0.1", port });
    const app = await appConnection(port);
    const listener = async (): Promise<string> =>
      /^id=\d+/.exec(String(await app.call("CLIENT", "LIST", "TYPE", "pubsub")))?.[0] ?? "";
    await adapter.open();
    const at = await adapter.checkpoint();
    const before = await listener();

    // One command, so that the messages about it pile up in one go.
    const script = "for i = 1, 60000 do redis.call('SET', 'a key with a long name ' .. i, i) end";
    await app.eval(script, 0);
    await adapter.rollback(at);

    expect(await app.dbsize()).toBe(1);
    expect(await listener()).not.toBe(before);
  });

  test("the scripts are loaded again after SCRIPT FLUSH", async () => {
    const { adapter, app } = await shared.connect();
    await adapter.open();
    const at = await adapter.checkpoint();
    await app.set("a", "1");
    await app.script("FLUSH");

    await adapter.rollback(at);

    expect(await app.get("a")).toBeNull();
  });

  test("ten thousand keys go back and forth", async () => {
    const { adapter, app } = await shared.connect();
    const keys = Array.from({ length: 10_000 }, (_, index) => [`k:${index}`, String(index)]);
    await app.mset(keys.flat());
    await adapter.open();
    const first = await adapter.checkpoint();
    await app.flushdb();
    const empty = await adapter.checkpoint();

    await adapter.rollback(first);
    expect((await readAll(app)).size).toBe(10_000);
    expect(await adapter.diff(first)).toEqual([]);
    await adapter.rollback(empty);
    expect((await readAll(app)).size).toBe(0);
  });
});
