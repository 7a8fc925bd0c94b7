import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/postgres/client.ts";
import { connect } from "../support/postgres/connect.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";

const SCHEMA = "CREATE TABLE orders (id serial PRIMARY KEY, amount int, at timestamptz)";

lane("postgres isolation", probePostgres, () => {
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

  describe("the mode", () => {
    test("is savepoint when nothing was handed out, and then the url may not be read", async () => {
      const { handle, adapter } = await connect({ url: url(), schema: SCHEMA });

      expect(await adapter.open()).toMatchObject({ mode: "savepoint" });

      expect(() => handle.url).toThrow("is read after isolation savepoint was chosen");
      await expect(handle.client()).rejects.toThrow("is read after isolation savepoint was chosen");
    });

    test("is undo when the url was read", async () => {
      const { handle, adapter } = await connect({ url: url(), schema: SCHEMA });

      expect(handle.url).toContain("/explore_");

      expect(await adapter.open()).toMatchObject({ mode: "undo" });
    });

    test("savepoint is refused when the url was read", async () => {
      const { handle, adapter } = await connect({
        url: url(),
        schema: SCHEMA,
        isolation: "savepoint",
      });
      void handle.url;

      await expect(adapter.open()).rejects.toMatchObject({ code: "EXPLORE_ISOLATION_UNAVAILABLE" });
    });
  });

  describe("undo", () => {
    test("waits for an open transaction, and names it when it stays", async () => {
      const options = { url: url(), schema: SCHEMA, quiescenceMs: 100 };
      const { handle, adapter } = await connect(options);
      const app = await client(handle.url);
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.query("BEGIN");
      await app.query("INSERT INTO orders(amount) VALUES (41)");

      await expect(adapter.rollback(at)).rejects.toMatchObject({
        code: "EXPLORE_TRANSACTION_OPEN",
        message: expect.stringContaining(
          "(shop), idle in transaction: INSERT INTO orders(amount) VALUES (41)",
        ),
      });

      const rollback = adapter.rollback(at);
      await app.query("COMMIT");
      await rollback;
      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });

    test("takes no offence at temporary tables and schema changes rolled back", async () => {
      const { handle, adapter } = await connect({ url: url(), schema: SCHEMA });
      const app = await client(handle.url);
      await adapter.open();
      const at = await adapter.checkpoint();

      await app.query("CREATE TEMP TABLE scratch AS SELECT 1");
      await app.query("BEGIN; ALTER TABLE orders ADD COLUMN note text; ROLLBACK");
      await app.query("INSERT INTO orders(amount) VALUES (1)");
      await adapter.rollback(at);

      expect(await adapter.diff(at)).toEqual([]);
    });

    test("logs what a user without rights to our schema writes", async () => {
      await server().run("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD 'clerk'");
      const { handle, adapter } = await connect({
        url: url(),
        schema: `${SCHEMA}; GRANT ALL ON orders, orders_id_seq TO clerk`,
      });
      const clerk = await client(handle.url.replace(/explorer:\w+@/, "clerk:clerk@"));
      await adapter.open();
      const at = await adapter.checkpoint();

      await clerk.query("INSERT INTO orders(amount) VALUES (1)");
      expect(await adapter.diff(at)).toHaveLength(1);
      await adapter.rollback(at);

      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });

    test("restores only the schemas that were named", async () => {
      const { handle, adapter } = await connect({
        url: url(),
        schema: `${SCHEMA}; CREATE SCHEMA log; CREATE TABLE log.lines (id int PRIMARY KEY)`,
        schemas: ["public"],
        isolation: "undo",
      });
      await adapter.open();
      const at = await adapter.checkpoint();

      await handle.execute("INSERT INTO log.lines VALUES (1)");
      await handle.execute("INSERT INTO orders(amount) VALUES (1)");
      await adapter.rollback(at);

      expect(await handle.query("SELECT * FROM log.lines")).toHaveLength(1);
      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });

    test("refuses a TRUNCATE that it could not undo", async () => {
      const { handle, adapter } = await connect({
        url: url(),
        schema: "CREATE TABLE lines (a int)",
        isolation: "undo",
      });
      await adapter.open();

      await expect(
        handle.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE lines"),
      ).rejects.toThrow("TRUNCATE of public.lines, which has no key, cannot be undone");
    });

    test("tells roles, references, and values exactly", async () => {
      const { handle, adapter } = await connect({
        url: url(),
        schema: `${SCHEMA}; CREATE SCHEMA shop; CREATE TABLE shop.lines (
          "order" int REFERENCES orders, n int GENERATED ALWAYS AS IDENTITY, big bigint, yes bool, raw bytea,
          data jsonb, tags text[], price numeric(6, 2), PRIMARY KEY ("order", n))`,
        isolation: "undo",
      });
      await adapter.open();
      const at = await adapter.checkpoint();

      await handle.execute(
        "INSERT INTO orders(amount, at) VALUES (7, '2024-05-06 07:08:09.123456+00')",
      );
      await handle.execute(
        `INSERT INTO shop.lines("order", big, yes, raw, data, tags, price) VALUES (1, 9007199254740993, true, '\\x00ff', '{"a": [1]}', '{x,NULL}', 1.5)`,
      );

      expect(await adapter.diff(at)).toEqual([
        {
          collection: "orders",
          columns: [
            { name: "id", role: "identity" },
            { name: "amount" },
            { name: "at", role: "time" },
          ],
          changes: [{ after: [1, 7, "2024-05-06 07:08:09.123456+00"] }],
        },
        {
          collection: "shop.lines",
          columns: [
            { name: "order", references: { collection: "orders", column: "id" } },
            { name: "n", role: "identity" },
            { name: "big" },
            { name: "yes" },
            { name: "raw" },
            { name: "data" },
            { name: "tags" },
            { name: "price" },
          ],
          changes: [
            {
              after: [
                1,
                1,
                9007199254740993n,
                true,
                new Uint8Array([0, 255]),
                { a: [1] },
                ["x", null],
                "1.50",
              ],
            },
          ],
        },
      ]);
    });
  });

  describe("savepoint", () => {
    test.for([
      "COMMIT",
      "ROLLBACK",
      "INSERT INTO orders(amount) VALUES (1); COMMIT; BEGIN",
      "ROLLBACK AND CHAIN",
    ])("says that %s ended it", async (sql) => {
      const { handle, adapter } = await connect({ url: url(), schema: SCHEMA });
      await adapter.open();
      const at = await adapter.checkpoint();

      const isLost = { code: "EXPLORE_SAVEPOINT_LOST" };
      await expect(handle.execute(sql)).rejects.toMatchObject(isLost);
      await expect(adapter.checkpoint()).rejects.toMatchObject(isLost);
      await expect(adapter.rollback(at)).rejects.toMatchObject(isLost);
    });

    test("survives a statement that fails", async () => {
      const { handle, adapter } = await connect({ url: url(), schema: SCHEMA });
      await adapter.open();
      const at = await adapter.checkpoint();
      await handle.execute("INSERT INTO orders(amount) VALUES (1)");

      await expect(handle.execute("INSERT INTO orders VALUES (1)")).rejects.toThrow(
        "duplicate key",
      );

      expect(await handle.query("SELECT count(*) AS n FROM orders")).toEqual([{ n: 1 }]);
      await adapter.rollback(at);
      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });

    test("tells rows apart whose key nothing has checked yet", async () => {
      const schema =
        "CREATE TABLE places (place int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int); INSERT INTO places VALUES (1, 1), (2, 2)";
      const { handle, adapter } = await connect({ url: url(), schema });
      await adapter.open();
      const at = await adapter.checkpoint();
      await handle.execute("INSERT INTO places VALUES (1, 9)");
      expect(await adapter.diff(at)).toMatchObject([{ changes: [{ after: [1, 9] }] }]);
      await adapter.checkpoint();

      await handle.execute("DELETE FROM places WHERE place = 1");

      expect(await adapter.diff(at)).toMatchObject([{ changes: [{ before: [1, 1] }] }]);
    });
  });
});
