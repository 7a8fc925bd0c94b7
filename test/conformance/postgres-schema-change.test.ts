import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { PostgresOptions } from "../../src/adapters/postgres/index.ts";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/postgres/client.ts";
import { connect, connectSystem } from "../support/postgres/connect.ts";
import { readDump } from "../support/postgres/dump.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { ownDatabases, probePostgres, startServer } from "../support/postgres/server.ts";

const SCHEMA = `CREATE TYPE mood AS ENUM ('calm', 'cross');
  CREATE TABLE orders (id serial PRIMARY KEY, amount int, mood mood, note json);
  CREATE TABLE lines (n numeric, t text); INSERT INTO orders(amount) VALUES (1), (2)`;

lane("postgres schema changes", probePostgres, () => {
  let started: TestServer | undefined;
  const server = (): TestServer => {
    if (started === undefined) throw new Error("the server does not run");
    return started;
  };
  const url = (database = "postgres"): string => server().url(database);

  beforeAll(async () => {
    started = await startServer();
  });
  afterAll(() => started?.stop());

  /** An app with a pool, which connects again when its connections are ended. */
  async function start(options: PostgresOptions = {}) {
    const connected = await connect({ url: url(), schema: SCHEMA, isolation: "undo", ...options });
    const pool = new Pool({ connectionString: connected.handle.url, max: 2 });
    pool.on("error", () => {});
    onTestFinished(() => pool.end());
    const dump = async () => {
      const reader = await client(connected.handle.url);
      const content = await readDump(reader);
      await reader.end();
      return content;
    };
    const mark = async () => ({
      at: await connected.adapter.checkpoint(),
      dump: await dump(),
      seen: await connected.adapter.observe(),
    });
    return { ...connected, dump, mark, run: (sql: string) => pool.query(sql) };
  }

  describe("by an action", () => {
    test.for([
      "ALTER TABLE orders ADD COLUMN more text DEFAULT 'none'; INSERT INTO orders(more) VALUES ('x')",
      "ALTER TABLE orders DROP COLUMN amount",
      "CREATE TABLE late (a int); INSERT INTO late VALUES (1)",
      "DROP TABLE orders",
      "DROP TABLE lines; CREATE TABLE lines (n numeric, t text)",
      "ALTER TABLE orders DISABLE TRIGGER ALL; DELETE FROM orders",
      "ALTER TABLE orders DISABLE TRIGGER ALL; UPDATE orders SET amount = 7; ALTER TABLE orders ENABLE TRIGGER ALL",
      "ALTER TABLE lines ALTER t TYPE text USING lower(t)",
      "DROP TRIGGER explore_row ON orders; DELETE FROM orders",
      "ALTER TYPE mood ADD VALUE 'glad'",
      "TRUNCATE orders; ALTER TABLE orders ADD UNIQUE (amount)",
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    ])("is undone: %s", async (sql) => {
      const { adapter, mark, dump, run } = await start();
      await adapter.open();
      await run("INSERT INTO lines VALUES (1.50, 'A')");
      const root = await mark();
      await run(
        "INSERT INTO orders(amount, mood, note) VALUES (3, 'calm', '{\"a\" : null}'), (4, NULL, 'null')",
      );
      const before = await mark();

      await run(sql);
      expect(await adapter.diff(root.at)).not.toEqual([]);
      const after = await mark();

      for (const { at, dump: expected, seen } of [before, after, root, after, before]) {
        await adapter.rollback(at);
        expect(await dump()).toEqual(expected);
        expect(await adapter.observe()).toEqual(seen);
        expect(await adapter.diff(at)).toEqual([]);
      }
    });

    test.for([
      "CREATE POLICY mine ON orders USING (true)",
      "ALTER SEQUENCE orders_id_seq INCREMENT 10",
      "CREATE RULE nothing AS ON DELETE TO orders DO INSTEAD NOTHING",
      "GRANT SELECT ON orders TO public",
      "ALTER TABLE lines SET UNLOGGED",
      "CREATE DOMAIN small AS int CHECK (value < 10)",
      "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE VIEW few AS SELECT 1 AS one",
      "CREATE SCHEMA other",
      "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
    ])("is seen: %s", async (sql) => {
      const { adapter, run } = await start();
      await adapter.open();
      const at = await adapter.checkpoint();
      const seen = await adapter.observe();

      await run(sql);

      expect((await adapter.observe())["(schema)"]).not.toEqual(seen["(schema)"]);
      await adapter.rollback(at);
      expect(await adapter.observe()).toEqual(seen);
    });

    test("is told by a difference together with the rows", async () => {
      const { adapter, run } = await start();
      await adapter.open();
      const at = await adapter.checkpoint();
      await run("INSERT INTO orders(amount) VALUES (3)");
      await adapter.checkpoint();

      await run("CREATE TABLE late (a int)");
      await run("UPDATE orders SET amount = 9 WHERE id = 1");

      const told = await adapter.diff(at);
      expect(told.map(({ collection }) => collection)).toEqual(["(schema)", "orders"]);
      expect(told[1]?.changes).toEqual([
        { before: [1, 1, null, null], after: [1, 9, null, null] },
        { after: [3, 3, null, null] },
      ]);
    });

    test("leaves no copy behind when its checkpoints are released or the world is closed", async () => {
      const { adapter, mark, run } = await start();
      await adapter.open();
      const root = await mark();
      await run("CREATE TABLE one (a int)");
      const one = await mark();
      await run("CREATE TABLE two (a int)");
      const two = await mark();
      await adapter.rollback(root.at);
      // Spares are made and dropped in the background.
      const count = async (): Promise<number> => (await ownDatabases(server())).length;
      // The world's, copies of three checkpoints, and a spare of the root.
      await expect.poll(count, { timeout: 30_000 }).toBe(5);

      await adapter.release(one.at);
      await adapter.release(two.at);
      await expect.poll(count, { timeout: 30_000 }).toBe(3);
      await adapter[Symbol.asyncDispose]();

      expect(await ownDatabases(server())).toEqual([]);
    });
  });

  describe("an app that is connected from the start", () => {
    test("is not disturbed, and its schema changes are undone if it has changed nothing", async () => {
      const { handle, adapter, mark, run } = await start();
      const app = await client(handle.url);
      expect((await adapter.open()).notRestored).not.toContainEqual(
        expect.stringContaining("schema"),
      );
      await app.query("SELECT 1");
      const root = await mark();

      await run("ALTER TABLE orders ADD COLUMN more text");
      await mark();
      await adapter.rollback(root.at);

      expect(adapter.capabilities.schema).toBe(true);
      expect(await adapter.observe()).toEqual(root.seen);
    });

    test("and has changed something is told that there is no way back", async () => {
      const { handle, adapter } = await start();
      const app = await client(handle.url);
      await app.query("INSERT INTO lines VALUES (1, 'made by the app')");
      const { notRestored } = await adapter.open();
      const at = await adapter.checkpoint();

      await app.query("ALTER TABLE orders ADD COLUMN more text");

      const refused = {
        code: "EXPLORE_SCHEMA_CHANGED",
        message: expect.stringContaining(
          "the app was connected when the run began, and had changed the database before.\n  + column public.orders.more text",
        ),
      };
      expect(notRestored[0]).toMatch(/^schema changes \(the app was connected/);
      expect(adapter.capabilities.schema).toBe(false);
      await expect(adapter.diff(at)).rejects.toMatchObject(refused);
      await expect(adapter.checkpoint()).rejects.toMatchObject(refused);
      await expect(adapter.rollback(at)).rejects.toMatchObject(refused);
    });
  });

  test("in the user's own database is refused", async () => {
    const name = `given_${Date.now()}`;
    await server().run(`CREATE DATABASE ${name}`);
    onTestFinished(() => server().run(`DROP DATABASE ${name} WITH (FORCE)`));
    await server().run(SCHEMA, name);
    const { handle, adapter } = await connectSystem({
      url: url(name),
      testDatabase: true,
      isolation: "undo",
    });
    await adapter.open();
    const at = await adapter.checkpoint();

    await handle.execute("CREATE TABLE late (a int)");

    await expect(adapter.rollback(at)).rejects.toMatchObject({
      code: "EXPLORE_SCHEMA_CHANGED",
      message: expect.stringContaining(
        "there is no copy to go back to: the database is the user's own",
      ),
    });
    await handle.execute("DROP TABLE late");
    await adapter[Symbol.asyncDispose]();
  });
});
