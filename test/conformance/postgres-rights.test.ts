import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { isExploreError } from "../../src/errors.ts";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/postgres/client.ts";
import { connect, connectSystem } from "../support/postgres/connect.ts";
import { readDump } from "../support/postgres/dump.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { startServer } from "../support/postgres/server.ts";
import { postgresVersions, probeVersions } from "../support/postgres/versions.ts";

const SCHEMA = `CREATE SCHEMA shop; CREATE TABLE shop.orders (id serial PRIMARY KEY, n int); INSERT INTO shop.orders(n) VALUES (1), (2);
  CREATE TABLE notes (id int PRIMARY KEY, t text); ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON notes USING (true);
  CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TABLE checked (id int PRIMARY KEY); CREATE TRIGGER t AFTER INSERT ON checked FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE checked ENABLE ALWAYS TRIGGER t`;

/** Whom the server belongs to, in its url. */
const OWNER = /\/\/explorer:\w+@/;

lane("postgres rights", probeVersions, () => {
  const versions = postgresVersions().filter(({ version }) => ["12", "15", "18"].includes(version));
  describe.for(versions)("PostgreSQL $version", ({ version, folder }) => {
    let started: TestServer | undefined;
    const server = (): TestServer => {
      if (started === undefined) throw new Error("the server does not run");
      return started;
    };
    let name = "";
    const guest = (): string => server().url(name).replace(OWNER, "//guest:guest@");

    beforeAll(async () => {
      started = await startServer(folder);
    });
    afterAll(() => started?.stop());
    beforeEach(async () => {
      name = `given_${Date.now()}`;
      await server().run(`CREATE DATABASE ${name}`);
      await server().run("CREATE ROLE guest LOGIN PASSWORD 'guest'");
      onTestFinished(async () => {
        await server().run("DROP OWNED BY guest", name);
        await server().run(`DROP DATABASE ${name}`);
        await server().run("DROP OWNED BY guest; DROP ROLE guest");
      });
      await server().run(SCHEMA, name);
    });

    test("that undo lacks are told as SQL, which makes it work", async () => {
      const options = { url: guest(), testDatabase: true, isolation: "undo" } as const;
      const refused = await connect(options);
      const error = await refused.adapter.open().catch((failure: unknown) => failure);
      if (!isExploreError(error)) throw error;

      expect(error.code).toBe("EXPLORE_ISOLATION_UNAVAILABLE");
      expect(error.details["missing"]).toEqual([
        Number(version) >= 15
          ? 'GRANT SET ON PARAMETER session_replication_role TO "guest";'
          : 'ALTER ROLE "guest" SUPERUSER;',
        `GRANT CREATE ON DATABASE "${name}" TO "guest";`,
        'GRANT USAGE ON SCHEMA shop TO "guest";',
        ...["SELECT", "INSERT", "DELETE", "TRIGGER"].map(
          (right) => `GRANT ${right} ON public.checked, public.notes, shop.orders TO "guest";`,
        ),
        'GRANT SELECT, UPDATE ON SEQUENCE shop.orders_id_seq TO "guest";',
        'ALTER TABLE public.checked OWNER TO "guest";',
        'ALTER ROLE "guest" BYPASSRLS;',
      ]);
      for (const sql of error.details["missing"] as string[]) {
        expect(error.message).toContain(`\n  ${sql}`);
        await server().run(sql, name);
      }

      const app = await client(server().url(name));
      const before = await readDump(app);
      const { adapter } = await connect(options);
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.query(
        "UPDATE shop.orders SET n = 7; INSERT INTO shop.orders(n) VALUES (3); INSERT INTO notes VALUES (1, 'x'); INSERT INTO checked VALUES (1)",
      );
      expect(await adapter.diff(at)).toHaveLength(3);
      await adapter.rollback(at);

      expect(await readDump(app)).toEqual(before);
      await adapter[Symbol.asyncDispose]();
    });

    test("of a user who sees no other users' statements do not hide open transactions", async () => {
      await server().run("ALTER ROLE guest CREATEDB");
      if (Number(version) < 15) return;
      await server().run("GRANT SET ON PARAMETER session_replication_role TO guest");
      const { handle, adapter } = await connect({
        url: guest(),
        schema: "CREATE TABLE a (n int PRIMARY KEY); GRANT ALL ON a TO PUBLIC",
        isolation: "undo",
        quiescenceMs: 50,
      });
      const app = await client(
        handle.url.replace("//guest:guest@", OWNER.exec(server().url(name))?.[0] ?? ""),
      );
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.query("BEGIN; INSERT INTO a VALUES (1)");

      await expect(adapter.checkpoint()).rejects.toMatchObject({
        code: "EXPLORE_TRANSACTION_OPEN",
        message: expect.stringContaining("opened by: process"),
      });

      await app.query("COMMIT");
      await adapter.rollback(at);
      expect(await handle.query("SELECT * FROM a")).toEqual([]);
    });

    test("that are missing have a copy taken instead, and the line says which", async () => {
      await server().run("ALTER ROLE guest CREATEDB");
      const { handle, adapter } = await connect({
        url: guest(),
        schema: "CREATE TABLE a (n int PRIMARY KEY)",
      });
      void handle.url;

      const { mode, reason } = await adapter.open();

      expect(mode).toBe("template");
      expect(reason).toMatch(
        /others may write to it, and its user lacks rights: (GRANT SET ON PARAMETER|ALTER ROLE)/,
      );
    });

    describe("to create databases that are missing", () => {
      test("have the given one refused, told how to go on", async () => {
        await server().run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", name);

        await expect(connectSystem({ url: guest() })).rejects.toMatchObject({
          code: "EXPLORE_NOT_A_TEST_DATABASE",
          message: expect.stringContaining(
            `ALTER ROLE "guest" CREATEDB; ALTER DATABASE "${name}" OWNER TO "guest";`,
          ),
        });
        await expect(
          connectSystem({ url: guest(), schema: "CREATE TABLE a (n int)" }),
        ).rejects.toMatchObject({ code: "EXPLORE_NOT_A_TEST_DATABASE" });
      });

      test.for([
        ["is empty", "DROP SCHEMA shop CASCADE; DROP TABLE notes, checked"],
        ["is marked", "CREATE TABLE shop.explore_test_database ()"],
      ] as const)("have the given one used if it %s", async ([, sql]) => {
        await server().run(sql, name);

        const { handle, adapter } = await connect({ url: guest() });

        const [row] = await handle.query<{ name: string }>("SELECT current_database() AS name");
        expect(row?.name).toBe(name);
        await adapter[Symbol.asyncDispose]();
      });

      test("and isolation template contradict each other", async () => {
        await server().run("CREATE TABLE explore_test_database ()", name);
        const { adapter } = await connect({ url: guest(), isolation: "template" });

        await expect(adapter.open()).rejects.toMatchObject({
          code: "EXPLORE_ISOLATION_UNAVAILABLE",
        });
      });
    });
  });
});
