import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { PostgresOptions } from "../../src/adapters/postgres/index.ts";
import { postgres } from "../../src/adapters/postgres/index.ts";
import type { Provide } from "../../src/provision/server-request.ts";
import { lane } from "../support/lane.ts";
import { connect, connectSystem, ENVIRONMENT } from "../support/postgres/connect.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { ownDatabases, probePostgres, startServer } from "../support/postgres/server.ts";

lane("postgres set-up", probePostgres, () => {
  let started: TestServer | undefined;
  const server = (): TestServer => {
    if (started === undefined) throw new Error("the server does not run");
    return started;
  };
  const url = (database = "postgres"): string => server().url(database);
  const provide: Provide = async () => ({ url: url(), way: "the tests' own" });

  beforeAll(async () => {
    started = await startServer();
  });
  afterAll(() => started?.stop());

  async function provided(options: PostgresOptions = {}) {
    const connected = await postgres(options).connect({ ...ENVIRONMENT, provide });
    onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
    return connected;
  }

  test("a name that is no schema's is refused when the app is ready", async () => {
    const { adapter } = await provided({ schema: "drizzle" });

    await expect(adapter.open()).rejects.toThrow(
      'db: schema: "drizzle" is the name of a schema that the database does not have; it has public.\n' +
        "Write ./drizzle for a file or folder, or correct the name.",
    );
  });

  test("a schema that is made after connecting is known by its name", async () => {
    const { handle, adapter } = await provided({ schema: "shop" });
    await handle.execute("CREATE SCHEMA shop");

    expect(await adapter.open()).toMatchObject({ mode: "savepoint" });
  });

  describe("without a url", () => {
    test("a server is asked for, with the options for it", async () => {
      const asked = vi.fn<Provide>(provide);
      const system = postgres({ schema: "CREATE TABLE a (n int)", server: { way: "binary" } });

      const { handle, adapter } = await system.connect({ ...ENVIRONMENT, provide: asked });
      onTestFinished(() => adapter[Symbol.asyncDispose]());

      expect(asked).toHaveBeenCalledExactlyOnceWith({
        kind: "postgres",
        options: { way: "binary" },
      });
      expect(await handle.query("SELECT * FROM a")).toEqual([]);
    });

    test("the database is new when nothing sets it up", async () => {
      await server().run("CREATE TABLE mine (n int)");
      onTestFinished(() => server().run("DROP TABLE mine"));

      const { handle } = await provided();

      await expect(handle.query("SELECT * FROM mine")).rejects.toThrow("does not exist");
    });

    test("what the environment says comes first, unless `server` is given", async () => {
      vi.stubEnv("PGHOST", "127.0.0.1");
      vi.stubEnv("PGPORT", "1");
      onTestFinished(() => void vi.unstubAllEnvs());

      await expect(provided()).rejects.toThrow("port:     1");
      await provided({ server: {} });
    });
  });

  describe("a set-up", () => {
    test("is run once for all worlds, and its template goes with the last of them", async () => {
      let runs = 0;
      const schema = async (client: { query: (sql: string) => Promise<unknown> }) => {
        runs += 1;
        await client.query("CREATE TABLE a (n int); INSERT INTO a VALUES (1)");
      };
      const worlds = await Promise.all([1, 2, 3].map(() => connectSystem({ url: url(), schema })));

      expect(runs).toBe(1);
      for (const { handle } of worlds) {
        expect(await handle.query("SELECT * FROM a")).toEqual([{ n: 1 }]);
        await handle.execute("INSERT INTO a VALUES (2)");
      }
      const [first, ...others] = worlds;
      await first?.adapter[Symbol.asyncDispose]();
      expect(await ownDatabases(server())).toContainEqual(expect.stringContaining("template"));
      for (const { adapter } of others) await adapter[Symbol.asyncDispose]();
      expect(await ownDatabases(server())).toEqual([]);
    });

    test("stays on a server of ours, where the last ones are kept", async () => {
      for (let n = 0; n < 10; n += 1) {
        const { adapter } = await provided({ schema: `CREATE TABLE a${n} ()` });
        await adapter[Symbol.asyncDispose]();
      }
      const kept = await ownDatabases(server());

      const { adapter } = await connectSystem({ url: url(), schema: "CREATE TABLE a0 ()" });
      await adapter[Symbol.asyncDispose]();

      expect(kept).toHaveLength(8);
      expect(await ownDatabases(server())).toEqual([]);
    });

    test("is run again when a file has changed", async () => {
      const root = await mkdtemp(join(tmpdir(), "explore-schema-"));
      onTestFinished(() => rm(root, { recursive: true, force: true }));
      const file = join(root, "schema.sql");
      await writeFile(file, "CREATE TABLE a (one int)");
      await connect({ url: url(), schema: file });

      await writeFile(file, "CREATE TABLE a (two int)");
      const { handle } = await connect({ url: url(), schema: file });

      expect((await handle.query("SELECT two FROM a")).length).toBe(0);
    });

    test("that fails leaves nothing behind", async () => {
      const failing = { url: url(), schema: "CREATE TABLE a (n int); CREATE TABEL b ()" };

      await expect(connectSystem(failing)).rejects.toMatchObject({
        code: "EXPLORE_USAGE",
        message: expect.stringMatching(/schema was refused: syntax error at or near "TABEL"/),
      });

      expect(await ownDatabases(server())).toEqual([]);
    });

    test("by a command reaches the new database", async () => {
      const migrate = `${process.execPath} ${join(import.meta.dirname, "../support/postgres/migrate.ts")}`;
      const { handle } = await connect({ url: url(), schema: "CREATE TABLE a (n int)", migrate });

      expect(await handle.query("SELECT * FROM a")).toEqual([{ n: 7 }]);
    });

    test("by a command that fails shows what it printed", async () => {
      const failing = { url: url(), migrate: "echo it broke >&2; exit 2" };

      await expect(connectSystem(failing)).rejects.toMatchObject({
        code: "EXPLORE_MIGRATION_FAILED",
        message: expect.stringContaining("printed:  it broke"),
      });
      expect(await ownDatabases(server())).toEqual([]);
    });

    test("may leave connections open", async () => {
      const { Client } = await import("pg");
      const { handle } = await connect({
        url: url(),
        migrate: async (target) => {
          const left = new Client({ connectionString: target.url });
          left.on("error", () => {});
          await left.connect();
          await left.query("CREATE TABLE a (n int)");
        },
      });

      expect(await handle.query("SELECT * FROM a")).toEqual([]);
    });
  });
});
