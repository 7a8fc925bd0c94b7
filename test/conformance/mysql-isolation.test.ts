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

      test("does not go on while a transaction would still read what was there", async () => {
        const options = { url: server().url(), schema: SCHEMA, quiescenceMs: 100 };
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
