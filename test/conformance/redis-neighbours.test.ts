import { expect, test } from "vitest";
import { redis } from "../../src/adapters/redis/index.ts";
import { lane } from "../support/lane.ts";
import { connect, connectDatabase, ownServer, sharedServer } from "../support/redis/connect.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

const HOST = "127.0.0.1";

lane("redis beside others on the server", needsRedis, () => {
  const shared = sharedServer();

  test.for(["touched", "copy", "dump"] as const)(
    "isolation %s: whoever writes all the time in another database is in nobody's way",
    async (isolation) => {
      const { adapter, app, db } = await shared.connect({ isolation, quiescenceMs: 300 });
      const other = await appConnection(shared.port(), 15);
      await app.mset("a", "first", "kept", "1");
      await adapter.open();
      const at = await adapter.checkpoint();
      const done = new AbortController();
      const noise = (async () => {
        for (let round = 0; !done.signal.aborted; round += 1) {
          await other.mset("a", round, "kept", round, `only here ${round}`, "x");
          if (round % 50 === 0) await other.flushdb();
        }
        return other.mset("a", "other", "kept", "other");
      })();

      for (let round = 0; round < 40; round += 1) {
        await app.mset("a", round, `b${round}`, "x");
        const changed = await adapter.checkpoint();
        await adapter.rollback(at);
        expect(await app.mget("a", "kept", `b${round}`), `database ${db}`).toEqual([
          "first",
          "1",
          null,
        ]);
        expect(await adapter.diff(at)).toEqual([]);
        await adapter.rollback(changed);
        expect(await app.mget("a", `b${round}`)).toEqual([String(round), "x"]);
        await adapter.release(changed);
      }
      done.abort();
      await noise;

      expect(await other.mget("a", "kept")).toEqual(["other", "other"]);
      await other.flushdb();
    },
  );

  test("another database that is emptied does not have all of ours read again", async () => {
    const { adapter, app } = await shared.connect();
    const other = await appConnection(shared.port(), 15);
    const listings = async (): Promise<string | undefined> =>
      /cmdstat_keys:calls=(\d+)/.exec(await app.info("commandstats"))?.[1];
    await app.set("a", "1");
    await adapter.open();
    const at = await adapter.checkpoint();
    const before = await listings();

    await other.flushdb();
    await app.set("a", "2");
    await adapter.checkpoint();
    await adapter.rollback(at);
    expect(await listings()).toBe(before);

    // Ours is another matter.
    await app.flushdb();
    await adapter.rollback(at);
    expect(await listings()).not.toBe(before);
    expect(await app.get("a")).toBe("1");
  });

  test.for(["touched", "copy", "dump"] as const)(
    "isolation %s: SWAPDB is told, and what came in its place is left alone",
    async (isolation) => {
      const { port } = await ownServer();
      const { adapter, handle } = await connectDatabase({ host: HOST, port, db: 3, isolation });
      const app = await appConnection(port, 3);
      const theirs = await appConnection(port, 9);
      await app.set("ours", "1");
      await theirs.mset("theirs", "1", "ours", "theirs too");
      await adapter.open();
      const at = await adapter.checkpoint();
      await handle.set("ours", "2");

      await app.swapdb(3, 9);
      const told = { code: "EXPLORE_ROLLBACK_INCOMPLETE", details: { db: 3, elsewhere: 9 } };
      await expect(adapter.rollback(at)).rejects.toMatchObject(told);
      await expect(adapter.rollback(at)).rejects.toMatchObject(told);
      await expect(handle.flush()).rejects.toMatchObject(told);
      await expect(adapter[Symbol.asyncDispose]()).rejects.toMatchObject(told);

      // As numbers go: what was in database 9 is in 3 now.
      expect(await app.mget("theirs", "ours")).toEqual(["1", "theirs too"]);
      expect(await app.dbsize()).toBe(2);
    },
  );

  test("a database with the key explore_test_database is there for tests when it is named", async () => {
    const { port } = await ownServer();
    const app = await appConnection(port, 0);
    await app.mset("explore_test_database", "", "name", "Ada");
    const before = await readAll(app);
    const named = await connectDatabase({ host: HOST, port, db: 0 });
    await named.adapter.open();
    await named.handle.flush();
    await named.handle.set("other", "1");
    await named.adapter[Symbol.asyncDispose]();
    expect(await readAll(app)).toEqual(before);

    // It is not what one wants when one asks for any.
    const { handle } = await connect({ host: HOST, port });
    expect(handle.url).toBe(`redis://${HOST}:${port}/1`);
  });

  test("a database whose keys only look like ours is not touched at the end", async () => {
    const { port } = await ownServer();
    const app = await appConnection(port, 2);
    await app.set("vitest-explore:of the user", "1");
    const { adapter } = await connectDatabase({ host: HOST, port, db: 2, testDatabase: true });
    await adapter.open();
    await app.flushdb();

    await adapter[Symbol.asyncDispose]();

    expect(await app.get("vitest-explore:of the user")).toBe("1");
  });

  test("without any option a server is asked for, and its databases are ours", async () => {
    const { port } = await ownServer();
    const environment = {
      name: "cache",
      slot: "test",
      directory: ".",
      root: ".",
      handles: {},
      provide: (request: unknown) => {
        expect(request).toEqual({ kind: "redis", options: {} });
        return Promise.resolve({ url: `redis://${HOST}:${port}`, way: "binary" });
      },
    };

    const { handle, adapter } = await redis({ server: {} }).connect(environment);
    await adapter.open();
    expect(handle.url).toBe(`redis://${HOST}:${port}/0`);
    await adapter[Symbol.asyncDispose]();
  });
});
