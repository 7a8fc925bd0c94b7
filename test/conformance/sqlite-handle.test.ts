import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../support/sqlite/connect.ts";
import { startWriter } from "../support/sqlite/writer.ts";

const USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, big INTEGER, data BLOB)";

describe("the handle", () => {
  test("queries and executes with values by position and by name", async () => {
    const { handle } = await connect({ schema: USERS });

    expect(await handle.execute("INSERT INTO users(name) VALUES (?), (?)", ["Ada", "Bob"])).toEqual(
      {
        changes: 2,
        lastInsertRowid: 2,
      },
    );
    expect(
      await handle.query("SELECT id, name FROM users WHERE name = @name", { name: "Bob" }),
    ).toEqual([{ id: 2, name: "Bob" }]);
  });

  test("returns rows of INSERT … RETURNING, and counts them", async () => {
    const { handle } = await connect({ schema: USERS });

    expect(await handle.query("INSERT INTO users(name) VALUES ('Ada') RETURNING id")).toEqual([
      { id: 1 },
    ]);
    expect(
      await handle.execute("INSERT INTO users(name) VALUES ('Bob'), ('Cy') RETURNING id"),
    ).toEqual({ changes: 2, lastInsertRowid: 3 });
  });

  test("returns no rows for a statement without any", async () => {
    const { handle } = await connect({ schema: USERS });

    expect(await handle.query("UPDATE users SET name = 'x'")).toEqual([]);
  });

  test("keeps integers exact and stores booleans as numbers", async () => {
    const { handle } = await connect({ schema: USERS });

    await handle.execute("INSERT INTO users(name, big) VALUES (?, ?)", [true, 2n ** 60n]);

    expect(await handle.query("SELECT id, name, big FROM users")).toEqual([
      { id: 1, name: "1.0", big: 2n ** 60n },
    ]);
  });

  test("lets the driver's errors through", async () => {
    const { handle } = await connect({ schema: USERS });

    await expect(handle.query("SELECT * FROM nobody")).rejects.toMatchObject({
      code: "SQLITE_ERROR",
      message: "no such table: nobody",
    });
  });

  test.for(["ATTACH 'x.db' AS x", "  -- other\n /* one */ attach database ':memory:' as x"])(
    "refuses %j",
    async (sql) => {
      const { handle } = await connect();

      await expect(handle.execute(sql)).rejects.toMatchObject({
        code: "EXPLORE_DATABASE_ATTACHED",
        message: expect.stringMatching(
          /^db: ATTACH is refused: .*\nDeclare that database as a system/,
        ),
      });
    },
  );

  test("names the database by path and URL", async () => {
    const { handle, folder } = await connect();

    expect(handle.path).toBe(`${folder}/db.db`);
    expect(handle.url).toBe(`file://${folder}/db.db`);
  });

  test("waits for a locked database, then says what to do", async () => {
    const { handle } = await connect({ schema: USERS, busyTimeoutMs: 200 });
    const writer = await startWriter(handle.path);
    onTestFinished(writer.stop);
    await writer.write(["BEGIN IMMEDIATE"]);

    await expect(handle.execute("INSERT INTO users(name) VALUES ('Ada')")).rejects.toMatchObject({
      code: "EXPLORE_DATABASE_LOCKED",
      message: expect.stringMatching(
        /^db: the database is locked: .* for 200 ms\.\n {2}database: {2}\/.*\n {2}statement: INSERT INTO users.*\n.*PRAGMA journal_mode = WAL/,
      ),
      cause: { code: "SQLITE_BUSY" },
    });
    setTimeout(() => void writer.write(["ROLLBACK"]), 30);
    expect(await handle.execute("INSERT INTO users(name) VALUES ('Ada')")).toMatchObject({
      changes: 1,
    });
  });

  test("says so when the app has closed the connection it was given", async () => {
    const { handle } = await connect();
    handle.connection.close();

    await expect(handle.query("SELECT 1")).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining("was closed by the app it was given to"),
    });
  });
});

describe("the schema option", () => {
  test("is SQL, a file or a function", async () => {
    const { writeFileSync } = await import("node:fs");
    const { testFolder } = await import("../support/sqlite/folder.ts");
    const folder = testFolder();
    writeFileSync(`${folder}/schema.sql`, `${USERS};\nINSERT INTO users(name) VALUES ('file');`);
    const names: unknown[] = [];

    for (const schema of [
      "./schema.sql",
      `${USERS}; INSERT INTO users(name) VALUES ('text')`,
      (connection: { exec: (sql: string) => unknown }): void => {
        connection.exec(`${USERS}; INSERT INTO users(name) VALUES ('function')`);
      },
    ]) {
      const { handle } = await connect({ schema, path: ":memory:" }, folder);
      names.push(...(await handle.query("SELECT name FROM users")));
    }

    expect(names).toEqual([{ name: "file" }, { name: "text" }, { name: "function" }]);
  });

  test("is refused when its file cannot be read", async () => {
    await expect(connect({ schema: "missing.sql" })).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringMatching(/^db: schema cannot be read: ENOENT/),
    });
  });
});

describe("diff", () => {
  test("tells where values come from, and net changes in the order of keys", async () => {
    const { handle, adapter } = await connect({
      schema: `
        CREATE TABLE users (id TEXT PRIMARY KEY, born DATE);
        CREATE TABLE orders (
          id INTEGER PRIMARY KEY, owner REFERENCES Users, amount INTEGER, created_at TIMESTAMP,
          twice AS (amount * 2)
        );
        CREATE TABLE links (a INTEGER, b INTEGER REFERENCES orders (ID), PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO users VALUES ('u1', '2000-01-01');
        INSERT INTO orders VALUES (1, 'u1', 10, 'then'), (2, 'u1', 20, 'then'), (3, NULL, 30, 'then');`,
    });
    void handle.path;
    await adapter.open();
    const root = await adapter.checkpoint();

    await handle.execute("UPDATE orders SET amount = 11 WHERE id = 1");
    await handle.execute("UPDATE orders SET amount = 99 WHERE id = 2");
    await handle.execute("UPDATE orders SET amount = 20 WHERE id = 2");
    await handle.execute("DELETE FROM orders WHERE id = 3");
    await handle.execute("INSERT INTO orders VALUES (12, 'u1', ?, NULL)", [2n ** 60n]);
    await handle.execute("INSERT INTO links VALUES (1, 12)");
    await handle.execute("PRAGMA user_version = 3");

    expect(await adapter.diff(root)).toEqual([
      {
        collection: "PRAGMA",
        columns: [{ name: "user_version" }, { name: "application_id" }],
        changes: [{ before: [0, 0], after: [3, 0] }],
      },
      {
        collection: "links",
        columns: [{ name: "a" }, { name: "b", references: { collection: "orders", column: "id" } }],
        changes: [{ after: [1, 12] }],
      },
      {
        collection: "orders",
        columns: [
          { name: "id", role: "identity" },
          { name: "owner", references: { collection: "users", column: "id" } },
          { name: "amount" },
          { name: "created_at", role: "time" },
        ],
        changes: [
          { before: [1, "u1", 10, "then"], after: [1, "u1", 11, "then"] },
          { before: [3, null, 30, "then"] },
          { after: [12, "u1", 2n ** 60n, null] },
        ],
      },
    ]);
  });

  test.for(["undo", "backup", "savepoint", "file"] as const)(
    "is the same in every mode: %s",
    async (isolation) => {
      const { handle, adapter } = await connect({
        isolation,
        schema:
          "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (10, 'z')",
      });
      await adapter.open();
      const root = await adapter.checkpoint();

      await handle.execute("UPDATE t SET a = 'changed' WHERE id IN (2, 10)");
      await handle.execute("DELETE FROM t WHERE id = 1");

      expect(await adapter.diff(root)).toEqual([
        {
          collection: "t",
          columns: [{ name: "id", role: "identity" }, { name: "a" }],
          changes: [
            { before: [1, "x"] },
            { before: [2, "y"], after: [2, "changed"] },
            { before: [10, "z"], after: [10, "changed"] },
          ],
        },
      ]);
    },
  );

  test.for(["undo", "savepoint"] as const)("spans a schema change: %s", async (isolation) => {
    const { handle, adapter } = await connect({
      isolation,
      schema: "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x')",
    });
    await adapter.open();
    await adapter.checkpoint();
    await handle.execute("UPDATE t SET a = 'y'");
    const before = await adapter.checkpoint();

    await handle.execute("ALTER TABLE t ADD COLUMN b DEFAULT 7");
    await handle.execute("CREATE TABLE u (c)");
    await handle.execute("INSERT INTO u VALUES (1)");

    expect(await adapter.diff(before)).toMatchObject([
      { collection: "sqlite_schema", changes: [{ before: ["table", "t", expect.anything()] }, {}] },
      { collection: "t", changes: [{ before: [1, "y", null], after: [1, "y", 7] }] },
      { collection: "u", changes: [{ after: [1] }] },
    ]);
  });
});

test("what the app does when it starts is part of the initial state", async () => {
  const { handle, adapter } = await connect();
  const app = new Database(handle.path);
  onTestFinished(() => void app.close());
  app.exec(`${USERS}; INSERT INTO users(name) VALUES ('migrated')`);
  await adapter.open();
  const root = await adapter.checkpoint();

  app.exec("DELETE FROM users");
  await adapter.rollback(root);

  expect(await handle.query("SELECT name FROM users")).toEqual([{ name: "migrated" }]);
});
