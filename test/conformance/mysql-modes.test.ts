import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/mysql/client.ts";
import { connect } from "../support/mysql/connect.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

const SCHEMA = "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, amount INT, at DATETIME)";

lane("mysql modes", probeMysql, () => {
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

    describe("the mode", () => {
      test("is savepoint when nothing was handed out, and then the url may not be read", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });

        expect(await adapter.open()).toMatchObject({ mode: "savepoint" });

        expect(() => handle.url).toThrow("is read after isolation savepoint was chosen");
        await expect(handle.client()).rejects.toThrow(
          "is read after isolation savepoint was chosen",
        );
      });

      test("is undo when the url was read", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });

        expect(handle.url).toContain("/explore_");

        expect(await adapter.open()).toMatchObject({
          mode: "undo",
          reason: "the database's url was handed out, so others may write to it",
        });
      });

      test("is undo when a table has no transactions, and says why", async () => {
        const schema = `${SCHEMA}; CREATE TABLE m (id INT) ENGINE = MyISAM`;
        const { adapter } = await connect({ url: server().url(), schema });

        expect(await adapter.open()).toMatchObject({
          mode: "undo",
          reason: expect.stringContaining("m is a MyISAM table"),
        });
      });

      test("is copy when triggers cannot log a table, and says why", async () => {
        const many = Array.from(
          { length: 3 },
          (_, i) => `p${i} INT, FOREIGN KEY (p${i}) REFERENCES t(id) ON DELETE CASCADE`,
        );
        const schema = `CREATE TABLE t (id INT PRIMARY KEY, ${many.join(", ")})`;
        const { handle, adapter } = await connect({ url: server().url(), schema });
        void handle.url;

        expect(await adapter.open()).toMatchObject({
          mode: "copy",
          reason: expect.stringContaining(
            "table t: foreign keys that refer to it lead to more than",
          ),
        });
      });

      test("savepoint is refused when the url was read", async () => {
        const { handle, adapter } = await connect({
          url: server().url(),
          schema: SCHEMA,
          isolation: "savepoint",
        });
        void handle.url;

        await expect(adapter.open()).rejects.toMatchObject({
          code: "EXPLORE_ISOLATION_UNAVAILABLE",
        });
      });

      test("none can put back a table of an engine of another kind", async () => {
        const schema = "CREATE TABLE a (id INT NOT NULL) ENGINE = CSV";
        for (const isolation of ["undo", "copy"] as const) {
          const { adapter } = await connect({ url: server().url(), schema, isolation });

          await expect(adapter.open()).rejects.toMatchObject({
            code: "EXPLORE_ISOLATION_UNAVAILABLE",
            message: expect.stringContaining("table a has the engine CSV"),
          });
        }
      });
    });

    test("a statement that waits too long for a lock says who holds it", async () => {
      const { handle, adapter } = await connect({
        url: server().url(),
        schema: `${SCHEMA}; INSERT INTO orders(amount) VALUES (1)`,
        connectionTimeoutMs: 1000,
      });
      const app = await client(handle.url);
      await adapter.open();
      await app.query("BEGIN");
      await app.query("UPDATE orders SET amount = 2");

      await expect(handle.execute("UPDATE orders SET amount = 3")).rejects.toMatchObject({
        code: "EXPLORE_DATABASE_LOCKED",
        message: expect.stringMatching(
          /Lock wait timeout exceeded[\s\S]*statement: UPDATE orders SET amount = 3\n {2}held by: {3}connection \d+ \([\s\S]*raise `connectionTimeoutMs`/,
        ),
      });
      // A table's lock is waited for in the same way.
      await expect(handle.execute("ALTER TABLE orders ADD COLUMN a INT")).rejects.toMatchObject({
        code: "EXPLORE_DATABASE_LOCKED",
      });
      await app.query("ROLLBACK");
    });

    describe("savepoint", () => {
      test.for([
        "COMMIT",
        "ROLLBACK",
        "CREATE TABLE late (a INT)",
        "TRUNCATE orders",
        "START TRANSACTION",
        "begin",
        "ROLLBACK AND CHAIN",
      ])("says that %s ended it", async (sql) => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        await adapter.open();
        const at = await adapter.checkpoint();

        const lost = {
          code: "EXPLORE_SAVEPOINT_LOST",
          message: expect.stringContaining(`statement: ${sql}`),
        };
        await expect(handle.execute(sql)).rejects.toMatchObject(lost);
        await expect(adapter.rollback(at)).rejects.toMatchObject(lost);
      });

      test("says so at the next rollback when it did not see what ended it", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        await adapter.open();
        const at = await adapter.checkpoint();
        await handle.execute("/* of a driver */ START TRANSACTION");

        await expect(adapter.rollback(at)).rejects.toMatchObject({
          code: "EXPLORE_SAVEPOINT_LOST",
          message: expect.stringContaining("statement: (not known)"),
        });
      });

      test("says which statement of an app with our client ended it", async () => {
        const options = { url: server().url(), schema: SCHEMA, isolation: "savepoint" } as const;
        const { handle, adapter } = await connect(options);
        const app = await handle.client();
        await adapter.open();
        await adapter.checkpoint();
        await app.query("INSERT INTO orders(amount) VALUES (1)");
        await app.query("COMMIT");

        await expect(adapter.checkpoint()).rejects.toMatchObject({
          code: "EXPLORE_SAVEPOINT_LOST",
          message: expect.stringContaining("statement: COMMIT"),
        });
      });

      test("survives a statement that fails", async () => {
        const { handle, adapter } = await connect({ url: server().url(), schema: SCHEMA });
        await adapter.open();
        const at = await adapter.checkpoint();
        await handle.execute("INSERT INTO orders(amount) VALUES (1)");

        await expect(handle.execute("INSERT INTO orders(id) VALUES (1)")).rejects.toThrow(
          "Duplicate entry",
        );

        expect(await handle.query("SELECT COUNT(*) AS n FROM orders")).toEqual([{ n: 1 }]);
        await adapter.rollback(at);
        expect(await handle.query("SELECT * FROM orders")).toEqual([]);
      });
    });
  });
});
