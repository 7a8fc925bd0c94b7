import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/mysql/client.ts";
import { connect, connectSystem } from "../support/mysql/connect.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { ownDatabases, probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

const SCHEMA = "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, amount INT, at DATETIME)";
/** A database with something of every kind that a copy could miss. */
const RICH = `${SCHEMA};
  CREATE TABLE items (order_id INT, n INT, price DECIMAL(8, 2), total DECIMAL(8, 2) AS (n * price) STORED, note VARCHAR(20) DEFAULT 'none',
    CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders(id) ON DELETE CASCADE, CHECK (n > 0));
  CREATE VIEW large AS SELECT id FROM orders WHERE amount > 1;
  CREATE VIEW larger AS SELECT id FROM large;
  CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
  CREATE PROCEDURE pay(IN nr INT) UPDATE orders SET amount = 0 WHERE id = nr;
  CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.at = '2024-01-01';
  INSERT INTO orders(amount) VALUES (1), (2), (3); DELETE FROM orders WHERE id = 3;
  INSERT INTO items(order_id, n, price) VALUES (1, 2, 1.5)`;

lane("mysql databases", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let started: TestServer | undefined;
    let databases = 0;
    const server = (): TestServer => {
      if (started === undefined) throw new Error("the server does not run");
      return started;
    };
    const url = (database = "", user?: string): string => server().url(database, user);

    beforeAll(async () => {
      started = await startServer(program);
      await server().run("SET GLOBAL log_bin_trust_function_creators = 1");
    });
    afterAll(() => started?.stop());

    async function given(rows = "INSERT INTO orders(amount) VALUES (1), (2)"): Promise<string> {
      const name = `given_${(databases += 1)}`;
      await server().run(`CREATE DATABASE ${name}`);
      await server().run(`${SCHEMA}; ${rows}`, name);
      onTestFinished(async () => void (await server().run(`DROP DATABASE IF EXISTS ${name}`)));
      return name;
    }

    async function user(grants = ""): Promise<string> {
      const name = `guest_${(databases += 1)}`;
      await server().run(`CREATE USER ${name}@'%'; ${grants.replaceAll("WHO", `${name}@'%'`)}`);
      return name;
    }

    async function ordersOf(database: string): Promise<unknown> {
      return server().run("SELECT id, amount FROM orders ORDER BY id", database);
    }

    async function shapeOf(database: string): Promise<unknown> {
      const tables = (await server().run("SHOW TABLES", database)) as readonly object[];
      const names = tables.map((row) => String(Object.values(row)[0]));
      const made: unknown[] = [];
      for (const name of names)
        made.push(await server().run(`SHOW CREATE TABLE ${name}`, database));
      const triggers = (await server().run("SHOW TRIGGERS", database)) as readonly {
        readonly Statement: string;
      }[];
      return { made, triggers: triggers.map(({ Statement }) => Statement.replace(/;$/, "")) };
    }

    describe("the user's database", () => {
      test("is copied and left alone, and the copy is dropped", async () => {
        const name = await given();
        const { handle, adapter } = await connectSystem({ url: url(name), isolation: "undo" });
        await adapter.open();
        await handle.execute("DELETE FROM orders");
        const copy = (await handle.query<{ name: string }>("SELECT DATABASE() AS name"))[0];

        expect(await ordersOf(name)).toHaveLength(2);
        expect(await ownDatabases(server())).toContain(copy?.name);
        await adapter[Symbol.asyncDispose]();

        expect(await ownDatabases(server())).not.toContain(copy?.name);
      });

      test("is copied with everything in it", async () => {
        const name = `rich_${(databases += 1)}`;
        await server().run(`CREATE DATABASE ${name}`);
        await server().run(RICH, name);
        const { handle, adapter } = await connect({ url: url(name), isolation: "copy" });
        await adapter.open();

        const copy = (await handle.query<{ name: string }>("SELECT DATABASE() AS name"))[0];
        expect(await shapeOf(copy?.name ?? "")).toEqual(await shapeOf(name));
        expect(await handle.query("SELECT *, twice(n) AS twice FROM items")).toEqual([
          { order_id: 1, n: 2, price: "1.50", total: "3.00", note: "none", twice: 4 },
        ]);
        expect(await handle.query("SELECT * FROM larger")).toEqual([{ id: 2 }]);
        await handle.execute("CALL pay(2)");
        expect(await handle.execute("INSERT INTO orders(amount) VALUES (9)")).toMatchObject({
          insertId: 4,
        });
      });

      test("is not copied when a view of the copy would lead back to it", async () => {
        const name = await given(`CREATE VIEW seen AS SELECT 1 AS one`);
        await server().run(
          `CREATE TRIGGER back AFTER INSERT ON orders FOR EACH ROW DELETE FROM ${name}.orders WHERE id < 0`,
          name,
        );

        await expect(connectSystem({ url: url(name) })).rejects.toMatchObject({
          code: "EXPLORE_USAGE",
          message: expect.stringContaining(`names its database ${name}`),
        });
      });

      test("is refused when no copy can be made and it was not marked", async () => {
        const name = await given();
        const guest = await user(`GRANT ALL ON ${name}.* TO WHO`);

        const refused = {
          code: "EXPLORE_NOT_A_TEST_DATABASE",
          message: expect.stringContaining("GRANT ALL ON `explore\\_%`.* TO 'guest_"),
        };
        await expect(connectSystem({ url: url(name, guest) })).rejects.toMatchObject(refused);
        await expect(
          connectSystem({ url: url(name, guest), schema: SCHEMA }),
        ).rejects.toMatchObject(refused);
      });

      test("is worked in by a user who may make none, when it is marked by a table", async () => {
        const name = await given("CREATE TABLE explore_test_database (id INT)");
        const guest = await user(`GRANT ALL ON ${name}.* TO WHO`);
        const before = await shapeOf(name);
        const { handle, adapter } = await connectSystem({ url: url(name, guest) });
        void handle.url;
        expect(await adapter.open()).toMatchObject({ mode: "undo" });
        const at = await adapter.checkpoint();
        await handle.execute("INSERT INTO orders(amount) VALUES (3)");
        await adapter.rollback(at);
        await handle.execute("INSERT INTO orders(amount) VALUES (4)");
        await adapter[Symbol.asyncDispose]();

        expect(await ordersOf(name)).toEqual([]);
        expect(await shapeOf(name)).toEqual(before);
      });

      test("a user who was granted what the refusal says may go on", async () => {
        const name = await given();
        const guest = await user(
          `GRANT ALL ON \`explore\\_%\`.* TO WHO; GRANT SELECT, SHOW VIEW, TRIGGER ON ${name}.* TO WHO`,
        );
        const { handle, adapter } = await connect({ url: url(name, guest) });
        void handle.url;

        expect(await adapter.open()).toMatchObject({ mode: "undo" });
      });

      test.for(["undo", "savepoint"] as const)(
        "is worked in when it was marked, and put back by %s",
        async (isolation) => {
          const name = await given(
            `INSERT INTO orders(amount) VALUES (1), (2); CREATE TABLE loose (n INT); INSERT INTO loose VALUES (1), (1);
             CREATE TRIGGER count AFTER INSERT ON orders FOR EACH ROW INSERT INTO loose VALUES (NEW.id)`,
          );
          const before = await shapeOf(name);
          const options = { url: url(name), testDatabase: true, isolation };
          const { handle, adapter } = await connectSystem(options);
          await adapter.open();
          await handle.execute("INSERT INTO orders(amount) VALUES (3)");
          await handle.execute("DELETE FROM orders WHERE id = 1");
          await handle.execute("DELETE FROM loose WHERE n = 1 LIMIT 1");
          await adapter[Symbol.asyncDispose]();

          expect(await ordersOf(name)).toEqual([
            { id: 1, amount: 1 },
            { id: 2, amount: 2 },
          ]);
          expect(await server().run("SELECT n FROM loose", name)).toEqual([{ n: 1 }, { n: 1 }]);
          expect(await shapeOf(name)).toEqual(before);
        },
      );

      test("is not worked in by two runs at once", async () => {
        const name = await given();
        const options = { url: url(name), testDatabase: true, isolation: "undo" } as const;
        const one = await connect(options);
        await one.adapter.open();
        const other = await connect(options);

        await expect(other.adapter.open()).rejects.toMatchObject({
          code: "EXPLORE_DATABASE_LOCKED",
        });
      });
    });

    describe("a run that was killed", () => {
      let folder = "";
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "explore-killed-"));
        onTestFinished(() => rm(folder, { recursive: true, force: true }));
      });

      /** Connects in another process, writes, and is killed. Resolves with the database's name. */
      async function killedRun(options: object): Promise<string> {
        const file = join(folder, "run.ts");
        const source = join(import.meta.dirname, "../support/mysql/connect-only.ts");
        await writeFile(
          file,
          `import { run } from ${JSON.stringify(source)}; await run(${JSON.stringify(options)});`,
        );
        const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
        const [printed] = (await once(child.stdout, "data")) as [Buffer];
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
        return printed.toString().trim();
      }

      test("leaves databases that the next run drops", async () => {
        const left = await killedRun({ url: url(), schema: SCHEMA });
        expect(await ownDatabases(server())).toEqual(expect.arrayContaining([left, `${left}_log`]));

        const { adapter } = await connect({ url: url(), schema: SCHEMA });

        const now = await ownDatabases(server());
        expect(now).not.toContain(left);
        expect(now).not.toContain(`${left}_log`);
        await adapter.open();
      });

      test("leaves a test database that the next run puts back", async () => {
        const name = await given(
          `INSERT INTO orders(amount) VALUES (1), (2);
           CREATE TABLE loose (n INT); CREATE TRIGGER count AFTER INSERT ON orders FOR EACH ROW INSERT INTO loose VALUES (NEW.id)`,
        );
        const before = await shapeOf(name);
        await killedRun({ url: url(name), testDatabase: true });
        expect(await ordersOf(name)).toHaveLength(3);

        const options = { url: url(name), testDatabase: true, isolation: "undo" } as const;
        const { adapter } = await connectSystem(options);
        await adapter.open();

        expect(await ordersOf(name)).toEqual([
          { id: 1, amount: 1 },
          { id: 2, amount: 2 },
        ]);
        expect(await server().run("SELECT * FROM loose", name)).toEqual([]);
        await adapter[Symbol.asyncDispose]();
        expect(await shapeOf(name)).toEqual(before);
      });
    });

    test("a schema is set up once and copied, and goes with its last copy", async () => {
      const options = {
        url: url(),
        schema: "DELIMITER //\nCREATE TABLE t (n INT)//\nDELIMITER ;\nINSERT INTO t VALUES (7);",
      };
      const one = await connectSystem(options);
      const other = await connectSystem(options);
      const templates = (await ownDatabases(server())).filter((it) => it.includes("template"));

      expect(templates).toHaveLength(1);
      expect(await other.handle.query("SELECT * FROM t")).toEqual([{ n: 7 }]);
      await one.adapter[Symbol.asyncDispose]();
      await other.adapter[Symbol.asyncDispose]();

      expect(await ownDatabases(server())).not.toContain(templates[0]);
    });

    test("an app's connection by the url reads the database of the world", async () => {
      const { handle } = await connect({ url: url(), schema: SCHEMA });
      const app = await client(handle.url);

      expect((await app.query("SELECT * FROM orders"))[0]).toEqual([]);
    });
  });
});
