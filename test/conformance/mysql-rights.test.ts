import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect } from "../support/mysql/connect.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

const SCHEMA = "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, amount INT)";

lane("mysql rights", probeMysql, () => {
  describe.for(SERVERS)("$name, which keeps a binary log", (program) => {
    let started: TestServer | undefined;
    const server = (): TestServer => {
      if (started === undefined) throw new Error("the server does not run");
      return started;
    };

    beforeAll(async () => {
      const args = ["--log-bin=changes", "--server-id=1", "--log-bin-trust-function-creators=0"];
      started = await startServer(program, args);
      await server().run("CREATE USER guest@'%'; GRANT ALL ON `explore\\_%`.* TO guest@'%'");
    });
    afterAll(() => started?.stop());

    test("says what lets a user without SUPER make triggers, and works once it is done", async () => {
      const url = server().url("", "guest");
      const refused = await connect({ url, schema: SCHEMA, isolation: "undo" });

      await expect(refused.adapter.open()).rejects.toMatchObject({
        code: "EXPLORE_ISOLATION_UNAVAILABLE",
        message: expect.stringContaining("SET GLOBAL log_bin_trust_function_creators = 1;"),
      });

      const copying = await connect({ url, schema: SCHEMA });
      void copying.handle.url;
      expect(await copying.adapter.open()).toMatchObject({ mode: "copy" });

      await server().run("SET GLOBAL log_bin_trust_function_creators = 1");
      const { handle, adapter } = await connect({ url, schema: SCHEMA });
      void handle.url;
      expect(await adapter.open()).toMatchObject({ mode: "undo" });
      const at = await adapter.checkpoint();
      await handle.execute("INSERT INTO orders(amount) VALUES (1)");
      await adapter.rollback(at);
      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });
  });
});
