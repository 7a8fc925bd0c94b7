import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RedisOptions } from "../../src/adapters/redis/index.ts";
import { lane } from "../support/lane.ts";
import { ownTemporaryFolder } from "../support/provision/folder.ts";
import { connect, connectDatabase, ownServer } from "../support/redis/connect.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis, startServer } from "../support/redis/server.ts";

const HOST = "127.0.0.1";

async function killedRun(options: RedisOptions, ...more: readonly string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("../support/redis/explorer-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options), ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

lane("redis databases", needsRedis, () => {
  describe("a database that holds keys", () => {
    test("is refused and left as it is", async () => {
      const { port } = await ownServer();
      const app = await appConnection(port, 4);
      await app.set("name", "Ada");

      await expect(connectDatabase({ host: HOST, port, db: 4 })).rejects.toMatchObject({
        code: "EXPLORE_NOT_A_TEST_DATABASE",
        message:
          "cache: database 4 is not empty, so it may be one that is needed.\n" +
          `  server: 127.0.0.1:${port}\n` +
          "  keys:   1\n" +
          "Give the number of an empty database. If this one is for tests, set `testDatabase: true`, or the key explore_test_database in it: it is put back as it was when the run ends.",
      });

      expect(await app.keys("*")).toEqual(["name"]);
    });

    test("is worked in and put back when it is a test database", async () => {
      ownTemporaryFolder();
      const { port } = await ownServer();
      const app = await appConnection(port, 4);
      await app.set("name", "Ada");
      await app.rpush("queue", "a", "b");
      await app.set("session", "x", "PX", 100_000);
      const before = await readAll(app);
      const { handle, adapter } = await connect({ host: HOST, port, db: 4, testDatabase: true });
      expect(await handle.get("name")).toBe("Ada");
      await adapter.open();
      await handle.flush();
      await handle.set("other", "1");

      await adapter[Symbol.asyncDispose]();

      const after = await readAll(app);
      const contents = (found: typeof after): ReadonlyMap<string, string> =>
        new Map([...found].map(([key, { content }]) => [key, content]));
      expect(contents(after)).toEqual(contents(before));
      expect(after.get("session")?.leftMs).toBeGreaterThan(90_000);
      expect(await app.dbsize()).toBe(3);
    });
  });

  test("an empty database is empty again afterwards, and no other is touched", async () => {
    const { port } = await ownServer();
    const other = await appConnection(port, 1);
    await other.set("mine", "1");
    const { handle, adapter } = await connect({ host: HOST, port });
    expect(handle.url).toBe(`redis://127.0.0.1:${port}/0`);
    await adapter.open();
    await handle.set("left", "1");
    await handle.flush();
    await handle.set("left", "2");

    await adapter[Symbol.asyncDispose]();

    expect(await (await appConnection(port, 0)).dbsize()).toBe(0);
    expect(await other.get("mine")).toBe("1");
  });

  test("worlds without a number get a database each, past those that hold keys", async () => {
    const { port } = await ownServer();
    await (await appConnection(port, 1)).set("mine", "1");

    const urls = await Promise.all(
      [1, 2, 3].map(async () => (await connect({ host: HOST, port })).handle.url),
    );

    expect(urls.toSorted()).toEqual([0, 2, 3].map((db) => `redis://127.0.0.1:${port}/${db}`));
  });

  test("a server without a free database is refused", async () => {
    const { port } = await ownServer(["--databases", "2"]);
    await (await appConnection(port, 1)).set("mine", "1");
    await connect({ host: HOST, port });

    await expect(connectDatabase({ host: HOST, port })).rejects.toMatchObject({
      code: "EXPLORE_DATABASE_LOCKED",
      message:
        "cache: no database of the server is empty and free.\n" +
        `  server:           127.0.0.1:${port}\n` +
        "  used by worlds:   1\n" +
        "  hold other keys:  1\n" +
        "Each world needs a database of its own. Start the server with more of them (`databases`), run fewer workers, empty a database, or leave out `url` and `host` to have a server started.",
    });
    await expect(connectDatabase({ host: HOST, port, db: 2 })).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
    });
  });

  test("a database of another world is refused, also after its app has emptied it", async () => {
    const { port } = await ownServer();
    await connect({ host: HOST, port, db: 5 });
    const refused = {
      code: "EXPLORE_DATABASE_LOCKED",
      message: expect.stringContaining("database 5 is explored by another run"),
    };

    await expect(connectDatabase({ host: HOST, port, db: 5 })).rejects.toMatchObject({
      ...refused,
      details: { pid: process.pid },
    });
    await (await appConnection(port)).flushall();
    await expect(connectDatabase({ host: HOST, port, db: 5 })).rejects.toMatchObject(refused);
  });

  test("a server on another machine is refused before anything is sent", async () => {
    await expect(connectDatabase({ host: "192.0.2.1", db: 5 })).rejects.toMatchObject({
      code: "EXPLORE_NOT_A_TEST_DATABASE",
      message:
        "cache: the server 192.0.2.1 is not on this machine, so it may be somebody's real one.\n" +
        "If it is there for tests, set `allowRemote: true`.",
    });
  });

  test("a server that is not there is told with its address", async () => {
    const { port, stop } = await ownServer();
    await stop();

    await expect(connectDatabase({ host: HOST, port, db: 5 })).rejects.toMatchObject({
      code: "EXPLORE_ADAPTER_FAILED",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  test("a part of a cluster is refused", async () => {
    const { port } = await ownServer(["--cluster-enabled", "yes"]);

    await expect(connectDatabase({ host: HOST, port })).rejects.toMatchObject({
      code: "EXPLORE_ISOLATION_UNAVAILABLE",
    });
  });

  describe("after kill -9", () => {
    test("an empty database is emptied by the next start", async () => {
      ownTemporaryFolder();
      const { port } = await ownServer();
      await kill(await killedRun({ host: HOST, port, db: 5 }));
      const app = await appConnection(port, 5);
      expect(await app.dbsize()).toBeGreaterThan(0);

      const { adapter } = await connect({ host: HOST, port, db: 5 });
      expect(await readAll(app)).toEqual(new Map());
      await adapter[Symbol.asyncDispose]();

      expect(await app.dbsize()).toBe(0);
    });

    test.for([
      { moment: "at work", more: [] },
      { moment: "after FLUSHALL, which takes the marker too", more: ["flush"] },
    ])("a test database is put back by the next start: killed $moment", async ({ more }) => {
      ownTemporaryFolder();
      const { port } = await ownServer();
      const app = await appConnection(port, 5);
      await app.set("name", "Ada");
      await app.zadd("scores", 5, "Ada");
      const before = await readAll(app);
      const options = { host: HOST, port, db: 5, testDatabase: true };
      const child = await killedRun(options, ...more);
      await sleep(20);
      await kill(child);
      await app.del("name");

      const { adapter } = await connect(options);
      expect(await readAll(app)).toEqual(before);
      await adapter[Symbol.asyncDispose]();

      expect(await readAll(app)).toEqual(before);
      expect(await app.dbsize()).toBe(2);
    });

    test("a test database whose copy is gone is refused and left as it is", async () => {
      ownTemporaryFolder();
      const { port } = await ownServer();
      const app = await appConnection(port, 5);
      await app.set("name", "Ada");
      const options = { host: HOST, port, db: 5, testDatabase: true };
      await kill(await killedRun(options));
      const left = await readAll(app);
      ownTemporaryFolder();

      await expect(connectDatabase(options)).rejects.toMatchObject({
        code: "EXPLORE_NOT_A_TEST_DATABASE",
        message: expect.stringContaining("the copy of what it held is gone"),
      });
      expect(await readAll(app)).toEqual(left);
    });
  });

  describe("after kill -9 of a run and of its server, which comes up with what it saved meanwhile", () => {
    interface Wreck {
      readonly before: Awaited<ReturnType<typeof readAll>>;
      readonly app: Awaited<ReturnType<typeof appConnection>>;
      readonly options: RedisOptions & { readonly port: number };
      /** Kills the server, which comes up with what it saved last. */
      readonly restart: () => Promise<void>;
    }

    /** @param saved - What the app has left when the server saves itself. */
    async function wreck(saved: (app: Wreck["app"]) => Promise<unknown>): Promise<Wreck> {
      ownTemporaryFolder();
      const folder = await mkdtemp(join(tmpdir(), "explore-redis-kept-"));
      const first = await startServer([], { folder });
      const options = { host: HOST, port: first.port, db: 5, testDatabase: true };
      const app = await appConnection(first.port, 5);
      await app.set("name", "Ada");
      const before = await readAll(app);
      const child = await killedRun(options, "flush");
      await saved(app);
      await app.save();
      await kill(child);
      await first.stop();
      let server = await startServer([], { folder, on: first.port });
      onTestFinished(async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      });
      const restart = async (): Promise<void> => {
        await server.stop();
        server = await startServer([], { folder, on: first.port });
      };
      return { before, app: await appConnection(first.port, 5), options, restart };
    }

    test("a test database that was empty at that moment is put back", async () => {
      const { before, app, options } = await wreck((it) => it.flushdb());
      expect(await app.dbsize()).toBe(0);

      const { adapter } = await connect(options);
      await adapter[Symbol.asyncDispose]();

      expect(await readAll(app)).toEqual(before);
    });

    test("and put back again, when the server is killed again before it has saved itself", async () => {
      const { before, options, restart } = await wreck((it) => it.flushdb());
      const first = await connect(options);
      await first.adapter[Symbol.asyncDispose]();
      await restart();

      const { adapter } = await connect(options);
      await adapter[Symbol.asyncDispose]();

      const app = await appConnection(options.port, 5);
      expect(await readAll(app)).toEqual(before);
    });

    test("one that holds other keys is refused, until it is emptied", async () => {
      const { before, app, options } = await wreck((it) => it.set("whose", "is this?"));

      await expect(connectDatabase(options)).rejects.toMatchObject({
        code: "EXPLORE_NOT_A_TEST_DATABASE",
        message: expect.stringContaining("copy of what it held before that run: "),
      });
      await app.flushdb();
      const { adapter } = await connect(options);
      await adapter[Symbol.asyncDispose]();

      expect(await readAll(app)).toEqual(before);
    });

    test("one that holds the same keys as before is taken as it is", async () => {
      const { before, app, options } = await wreck(async (it) => {
        await it.flushdb();
        await it.set("name", "Ada");
      });

      const { adapter } = await connect(options);
      await adapter[Symbol.asyncDispose]();

      expect(await readAll(app)).toEqual(before);
      expect(await app.dbsize()).toBe(1);
    });
  });
});
