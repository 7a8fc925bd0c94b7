import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/postgres/client.ts";
import { connect, connectSystem } from "../support/postgres/connect.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { ownDatabases, probePostgres, startServer } from "../support/postgres/server.ts";

const SCHEMA = "CREATE TABLE orders (id serial PRIMARY KEY, amount int, at timestamptz)";

lane("postgres databases", probePostgres, () => {
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

  async function given(rows = "INSERT INTO orders(amount) VALUES (1), (2)"): Promise<string> {
    const name = `given_${Date.now()}`;
    await server().run(`CREATE DATABASE ${name}`);
    await server().run(`${SCHEMA}; ${rows}`, name);
    onTestFinished(() => server().run(`DROP DATABASE ${name} WITH (FORCE)`));
    return name;
  }

  async function ordersOf(database: string): Promise<unknown[]> {
    const reader = await client(url(database));
    const { rows } = await reader.query("SELECT id, amount FROM orders ORDER BY id");
    return rows;
  }

  describe("the user's database", () => {
    test("is copied and left alone, and the copy is dropped", async () => {
      const name = await given();
      const { handle, adapter } = await connectSystem({ url: url(name), isolation: "undo" });
      await adapter.open();
      await handle.execute("DELETE FROM orders");
      const copy = (await handle.query<{ name: string }>("SELECT current_database() AS name"))[0];

      expect(await ordersOf(name)).toHaveLength(2);
      expect(await ownDatabases(server())).toContain(copy?.name);
      await adapter[Symbol.asyncDispose]();

      expect(await ownDatabases(server())).not.toContain(copy?.name);
    });

    test("cannot be copied while somebody is connected to it, who is named", async () => {
      const name = await given();
      await client(url(name));

      await expect(connectSystem({ url: url(name), quiescenceMs: 50 })).rejects.toMatchObject({
        code: "EXPLORE_TRANSACTION_OPEN",
        message: expect.stringContaining("(shop), idle"),
      });
    });

    test("is refused when no copy can be made and it was not marked", async () => {
      const name = await given();
      await server().run("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'");
      const guest = url(name).replace(/explorer:\w+@/, "guest:guest@");

      await expect(connectSystem({ url: guest })).rejects.toMatchObject({
        code: "EXPLORE_NOT_A_TEST_DATABASE",
      });
      await expect(connectSystem({ url: guest, schema: SCHEMA })).rejects.toMatchObject({
        code: "EXPLORE_NOT_A_TEST_DATABASE",
      });
    });

    test.for(["undo", "savepoint"] as const)(
      "is worked in when it was marked, and put back by %s",
      async (isolation) => {
        const name = await given();
        const options = { url: url(name), testDatabase: true, isolation };
        const { handle, adapter } = await connectSystem(options);
        await adapter.open();
        await handle.execute("INSERT INTO orders(amount) VALUES (3)");
        await handle.execute("DELETE FROM orders WHERE id = 1");
        await adapter[Symbol.asyncDispose]();

        expect(await ordersOf(name)).toEqual([
          { id: 1, amount: 1 },
          { id: 2, amount: 2 },
        ]);
        await server().run("INSERT INTO orders(amount) VALUES (4)", name);
        expect((await ordersOf(name)).at(-1)).toEqual({ id: 3, amount: 4 });
      },
    );

    test("is not worked in by two runs at once", async () => {
      const name = await given();
      const options = { url: url(name), testDatabase: true, isolation: "undo" } as const;
      const one = await connect(options);
      await one.adapter.open();
      const other = await connect(options);

      await expect(other.adapter.open()).rejects.toMatchObject({ code: "EXPLORE_DATABASE_LOCKED" });
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
      const source = join(import.meta.dirname, "../support/postgres/connect-only.ts");
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

    test("leaves a database that the next run drops", async () => {
      const left = await killedRun({ url: url(), schema: SCHEMA });
      expect(await ownDatabases(server())).toContain(left);

      const { adapter } = await connect({ url: url(), schema: SCHEMA });

      expect(await ownDatabases(server())).not.toContain(left);
      await adapter.open();
    });

    test("leaves a test database that the next run puts back", async () => {
      const name = await given();
      await killedRun({ url: url(name), testDatabase: true });
      expect(await ordersOf(name)).toHaveLength(3);

      const { adapter } = await connect({ url: url(name), testDatabase: true, isolation: "undo" });
      await adapter.open();

      expect(await ordersOf(name)).toEqual([
        { id: 1, amount: 1 },
        { id: 2, amount: 2 },
      ]);
    });
  });
});
