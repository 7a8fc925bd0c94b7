import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/mysql/client.ts";
import { connect, connectSystem } from "../support/mysql/connect.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { ownDatabases, probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

const SCHEMA = "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, amount INT, at DATETIME)";

lane("mysql isolation", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let started: TestServer | undefined;
    const server = (): TestServer => {
      if (started === undefined) throw new Error("the server does not run");
      return started;
    };

    beforeAll(async () => {
      started = await startServer(program);
    });
    afterAll(() => started?.stop());

    test("nothing is left behind", async () => {
      const before = await ownDatabases(server());
      const { handle, adapter } = await connectSystem({ url: server().url(), schema: SCHEMA });
      void handle.url;
      await adapter.open();
      expect((await ownDatabases(server())).length).toBeGreaterThan(before.length);

      await adapter[Symbol.asyncDispose]();

      expect(await ownDatabases(server())).toEqual(before);
    });

    describe("undo", () => {
      test("waits for an open transaction, and names it when it stays", async () => {
        const options = { url: server().url(), schema: SCHEMA, quiescenceMs: 100 };
        const { handle, adapter } = await connect(options);
        const app = await client(handle.url);
        await adapter.open();
        const at = await adapter.checkpoint();
        await app.query("BEGIN");
        await app.query("INSERT INTO orders(amount) VALUES (41)");

        await expect(adapter.rollback(at)).rejects.toMatchObject({
          code: "EXPLORE_TRANSACTION_OPEN",
          message: expect.stringMatching(
            server().isMariaDb
              ? /\(explorer@[^)]*\), idle in transaction, has written to orders/
              : /\(explorer@[^)]*\), idle in transaction, has written to orders: INSERT INTO orders\(amount\) VALUES \(41\)/,
          ),
        });

        const rollback = adapter.rollback(at);
        await app.query("COMMIT");
        await rollback;
        expect(await handle.query("SELECT * FROM orders")).toEqual([]);
      });

      test("waits for a transaction that writes here from another database", async () => {
        const options = { url: server().url(), schema: SCHEMA, quiescenceMs: 100 };
        const { handle, adapter } = await connect(options);
        const database = new URL(handle.url).pathname.slice(1);
        const app = await client(server().url("information_schema"));
        await adapter.open();
        const at = await adapter.checkpoint();
        await app.query(`BEGIN; INSERT INTO ${database}.orders(amount) VALUES (41)`);

        await expect(adapter.rollback(at)).rejects.toMatchObject({
          code: "EXPLORE_TRANSACTION_OPEN",
          message: expect.stringContaining("has written to orders"),
        });
        await app.query("ROLLBACK");
        await adapter.rollback(at);
      });

      test.for([
        ["ALTER TABLE orders ADD COLUMN note TEXT", "+ table orders: `note` text"],
        ["ALTER TABLE orders DROP COLUMN amount", "- table orders: `amount` int"],
        ["CREATE TABLE late (a INT)", "+ table late"],
        ["DROP TABLE orders", "- table orders"],
        ["TRUNCATE orders", "contents of orders, which TRUNCATE or a rebuild replaces"],
        ["RENAME TABLE orders TO other", "+ table other"],
        ["CREATE INDEX amounts ON orders(amount)", "+ table orders: KEY `amounts` (`amount`)"],
        ["CREATE VIEW seen AS SELECT 1", "+ view seen"],
        ["CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.amount = 1", "+ trigger t"],
        ["DROP TRIGGER explore_ai_0", "- trigger explore_ai_0 of the log"],
        ["CREATE PROCEDURE p() SELECT 1", "+ procedure p"],
      ] as const)("says what changed after %s", async ([sql, line]) => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        const app = await client(handle.url);
        await adapter.open();
        const at = await adapter.checkpoint();

        await app.query(sql);

        const refused = { code: "EXPLORE_SCHEMA_CHANGED", message: expect.stringContaining(line) };
        await expect(adapter.diff(at)).rejects.toMatchObject(refused);
        await expect(adapter.checkpoint()).rejects.toMatchObject(refused);
        await expect(adapter.rollback(at)).rejects.toMatchObject(refused);
      });

      test("takes no offence at temporary tables and schemas of others", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        const app = await client(handle.url);
        await adapter.open();
        const at = await adapter.checkpoint();

        await app.query("CREATE TEMPORARY TABLE scratch (a INT); DROP TEMPORARY TABLE scratch");
        await server().run(
          "CREATE DATABASE others; CREATE TABLE others.t (a INT); DROP DATABASE others",
        );
        await app.query("INSERT INTO orders(amount) VALUES (1)");
        await adapter.rollback(at);

        expect(await adapter.diff(at)).toEqual([]);
      });

      test("logs what a user without rights to our log writes", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        const database = new URL(handle.url).pathname.slice(1);
        await server().run(
          `CREATE USER IF NOT EXISTS clerk@'%'; GRANT INSERT, SELECT ON ${database}.orders TO clerk@'%'`,
        );
        const clerk = await client(server().url(database, "clerk"));
        await adapter.open();
        const at = await adapter.checkpoint();

        await clerk.query("INSERT INTO orders(amount) VALUES (1)");
        expect(await adapter.diff(at)).toHaveLength(1);
        await adapter.rollback(at);

        expect(await handle.query("SELECT * FROM orders")).toEqual([]);
      });

      test("says which right is missing to see transactions that only read", async () => {
        const guest = `reader_${server().isMariaDb ? "m" : "o"}`;
        await server().run(
          `CREATE USER ${guest}@'%'; GRANT ALL ON \`explore\\_%\`.* TO ${guest}@'%'`,
        );
        const { handle, adapter } = await connect({
          url: server().url("", guest),
          schema: SCHEMA,
        });
        void handle.url;

        const { notRestored } = await adapter.open();

        expect(notRestored.join()).toContain(
          server().isMariaDb ? "GRANT PROCESS ON *.*" : "GRANT SELECT ON performance_schema.*",
        );
      });

      test("tells roles, references, and values exactly", async () => {
        const { handle, adapter } = await connect({
          url: server().url(),
          schema: `${SCHEMA}; CREATE TABLE item (\`order\` INT, n INT, big BIGINT UNSIGNED, yes BIT(1), raw VARBINARY(4), data JSON,
            price DECIMAL(6, 2), f FLOAT, kind ENUM('a', 'b'), at TIMESTAMP(6) NULL, code CHAR(36) DEFAULT (UUID()), PRIMARY KEY (\`order\`, n),
            FOREIGN KEY (\`order\`) REFERENCES orders(id))`,
          isolation: "undo",
        });
        await adapter.open();
        const at = await adapter.checkpoint();

        await handle.execute("SET time_zone = '+02:00'");
        await handle.execute("INSERT INTO orders(amount, at) VALUES (7, '2024-05-06 07:08:09')");
        await handle.execute(
          `INSERT INTO item VALUES (1, 2, 18446744073709551615, 1, X'00ff', '{"a": [1]}', 1.5, 0.1, 'b', '2024-05-06 07:08:09.123456', 'x')`,
        );

        expect(await adapter.diff(at)).toEqual([
          {
            collection: "item",
            columns: [
              { name: "order", references: { collection: "orders", column: "id" } },
              { name: "n" },
              { name: "big" },
              { name: "yes" },
              { name: "raw" },
              { name: "data" },
              { name: "price" },
              { name: "f" },
              { name: "kind" },
              { name: "at", role: "time" },
              { name: "code", role: "identity" },
            ],
            changes: [
              {
                after: [
                  1,
                  2,
                  18446744073709551615n,
                  1,
                  new Uint8Array([0, 255]),
                  { a: [1] },
                  "1.50",
                  expect.closeTo(0.1, 5),
                  "b",
                  "2024-05-06 05:08:09.123456",
                  "x",
                ],
              },
            ],
          },
          {
            collection: "orders",
            columns: [
              { name: "id", role: "identity" },
              { name: "amount" },
              { name: "at", role: "time" },
            ],
            changes: [{ after: [1, 7, "2024-05-06 07:08:09"] }],
          },
        ]);
        expect(
          await handle.query("SELECT big, price, COUNT(*) AS n FROM item GROUP BY 1, 2"),
        ).toEqual([{ big: 18446744073709551615n, price: "1.50", n: 1 }]);
      });

      test("does not go on while a transaction would still read what was there", async () => {
        const options = { url: server().url(), schema: SCHEMA, quiescenceMs: 100, counters: false };
        const { handle, adapter } = await connect(options);
        const app = await client(handle.url);
        await adapter.open();
        const at = await adapter.checkpoint();
        await handle.execute("INSERT INTO orders(amount) VALUES (41)");
        await app.query("SET autocommit = 0");
        await app.query("SELECT * FROM orders");

        await expect(adapter.rollback(at)).rejects.toMatchObject({
          code: "EXPLORE_TRANSACTION_OPEN",
        });
      });
    });
  });
});
