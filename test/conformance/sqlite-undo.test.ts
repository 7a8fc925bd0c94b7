import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../support/sqlite/connect.ts";
import { createDump } from "../support/sqlite/dump.ts";
import { startWriter } from "../support/sqlite/writer.ts";

const hasPython = spawnSync("python3", ["-c", "import sqlite3"]).status === 0;

const ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER)";

describe("isolation undo", () => {
  test("an app in the test's process that takes the connection may commit", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    const app = handle.connection as Database.Database;
    await adapter.open();
    const root = await adapter.checkpoint();

    app.exec("BEGIN; INSERT INTO orders(amount) VALUES (5); COMMIT");
    await adapter.rollback(root);

    expect(app.prepare("SELECT count(*) FROM orders").pluck().get()).toBe(0);
  });

  test("a transaction that stays open is waited for, then its process is named", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS, quiescenceMs: 300 });
    const writer = await startWriter(handle.path);
    onTestFinished(writer.stop);
    await adapter.open();
    const root = await adapter.checkpoint();
    await writer.write(["BEGIN", "INSERT INTO orders(amount) VALUES (1)"]);

    const started = performance.now();
    await expect(adapter.rollback(root)).rejects.toMatchObject({
      code: "EXPLORE_TRANSACTION_OPEN",
      message: expect.stringMatching(
        new RegExp(
          `^db: cannot roll back, since another connection has had a transaction open for 300 ms\\.\n` +
            `  database: {2}/.*\n  opened by: process ${writer.pid}: .*writer-process\\.ts.*\n`,
        ),
      ),
    });
    expect(performance.now() - started).toBeGreaterThan(290);
    await expect(adapter.checkpoint()).rejects.toMatchObject({ code: "EXPLORE_TRANSACTION_OPEN" });

    await writer.write(["COMMIT"]);
    await adapter.rollback(root);
    expect(await handle.query("SELECT * FROM orders")).toEqual([]);
  });

  test("the culprit is named in a rollback-journal database too", async () => {
    const { handle, adapter } = await connect({
      schema: `PRAGMA journal_mode = DELETE; ${ORDERS}`,
      quiescenceMs: 100,
    });
    const writer = await startWriter(handle.path);
    onTestFinished(writer.stop);
    await adapter.open();
    await writer.write(["BEGIN", "INSERT INTO orders(amount) VALUES (1)"]);

    await expect(adapter.checkpoint()).rejects.toMatchObject({
      code: "EXPLORE_TRANSACTION_OPEN",
      details: { writers: [{ pid: writer.pid }] },
    });
  });

  test("a reader that keeps a rollback-journal database from being written is named", async () => {
    const { handle, adapter } = await connect({
      schema: `PRAGMA journal_mode = DELETE; ${ORDERS}`,
      quiescenceMs: 100,
    });
    const writer = await startWriter(handle.path);
    onTestFinished(writer.stop);
    await adapter.open();
    const root = await adapter.checkpoint();
    await handle.execute("INSERT INTO orders(amount) VALUES (1)");
    await writer.write(["BEGIN", "SELECT * FROM orders"]);

    await expect(adapter.rollback(root)).rejects.toMatchObject({
      code: "EXPLORE_TRANSACTION_OPEN",
      details: { writers: [{ pid: writer.pid }] },
    });

    await writer.write(["COMMIT"]);
    await adapter.rollback(root);
    expect(await handle.query("SELECT * FROM orders")).toEqual([]);
  });

  test("a transaction of this process that ends in time does not block its event loop", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    const app = new Database(handle.path);
    onTestFinished(() => void app.close());
    await adapter.open();
    const root = await adapter.checkpoint();
    app.exec("BEGIN IMMEDIATE; INSERT INTO orders(amount) VALUES (1)");
    setTimeout(() => app.exec("COMMIT"), 50);

    await adapter.rollback(root);

    expect(await handle.query("SELECT * FROM orders")).toEqual([]);
  });

  test("what the app's triggers do is not done again by a rollback", async () => {
    const { handle, adapter } = await connect({
      schema: `${ORDERS}; CREATE TABLE audit (what TEXT);
        CREATE TRIGGER added AFTER INSERT ON orders BEGIN INSERT INTO audit VALUES ('added'); END;
        CREATE TRIGGER removed AFTER DELETE ON orders BEGIN INSERT INTO audit VALUES ('removed'); END;`,
    });
    const dump = createDump(handle.path);
    onTestFinished(dump.close);
    await adapter.open();
    const root = await adapter.checkpoint();
    const before = dump.read();
    await handle.execute("INSERT INTO orders(amount) VALUES (1)");
    const one = await adapter.checkpoint();
    const after = dump.read();

    await adapter.rollback(root);
    expect(dump.read()).toEqual(before);
    await adapter.rollback(one);
    expect(dump.read()).toEqual(after);
    expect(after.tables["audit"]).toHaveLength(1);
    await handle.execute("DELETE FROM orders");
    expect(dump.read().tables["audit"]).toHaveLength(2);
  });

  test("VACUUM, which renumbers rowids, is undone", async () => {
    const { handle, adapter } = await connect({ schema: "CREATE TABLE keyless (a)" });
    const dump = createDump(handle.path);
    onTestFinished(dump.close);
    for (const a of [1, 2, 3]) await handle.execute("INSERT INTO keyless VALUES (?)", [a]);
    await handle.execute("DELETE FROM keyless WHERE a = 1");
    await adapter.open();
    const root = await adapter.checkpoint();
    const before = dump.read();
    await handle.execute("INSERT INTO keyless VALUES (4)");
    const next = await adapter.checkpoint();
    const after = dump.read();

    await handle.execute("VACUUM");
    expect(dump.read()).not.toEqual(after);
    await adapter.rollback(next);
    expect(dump.read()).toEqual(after);
    await adapter.rollback(root);
    expect(dump.read()).toEqual(before);
  });

  test("an app that has dropped our triggers is rolled back by the image", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    const app = new Database(handle.path);
    onTestFinished(() => void app.close());
    await adapter.open();
    const root = await adapter.checkpoint();
    const ours = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '_explore_*'";
    const names = app.prepare(ours).pluck().all() as string[];
    for (const name of names) app.exec(`DROP TRIGGER "${name}"`);
    app.exec("INSERT INTO orders(amount) VALUES (1)");

    await adapter.rollback(root);

    expect(app.prepare("SELECT count(*) FROM orders").pluck().get()).toBe(0);
    expect(app.prepare(ours).all()).toHaveLength(names.length);
  });

  test("a virtual table made by an action is undone, and so is what comes after", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    const dump = createDump(handle.path);
    onTestFinished(dump.close);
    await adapter.open();
    const root = await adapter.checkpoint();
    const before = dump.read();
    await handle.execute("CREATE VIRTUAL TABLE notes USING fts5(body)");
    await handle.execute("INSERT INTO notes VALUES ('one')");
    const noted = await adapter.checkpoint();
    await handle.execute("INSERT INTO notes VALUES ('two')");

    await adapter.rollback(noted);
    expect(await handle.query("SELECT body FROM notes WHERE notes MATCH 'one OR two'")).toEqual([
      { body: "one" },
    ]);
    await adapter.rollback(root);
    expect(dump.read()).toEqual(before);
    await adapter.rollback(noted);
    expect(await handle.query("SELECT body FROM notes")).toEqual([{ body: "one" }]);
  });

  test("the log does not grow with rollbacks", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    void handle.path;
    await adapter.open();
    const root = await adapter.checkpoint();
    const logged = (): Promise<unknown[]> => handle.query("SELECT count(*) AS n FROM _explore_log");
    for (let round = 0; round < 5; round += 1) {
      await handle.execute("INSERT INTO orders(amount) VALUES (1), (2)");
      expect(await logged()).not.toEqual([{ n: 0 }]);
      await adapter.rollback(root);
      expect(await logged()).toEqual([{ n: 0 }]);
    }
  });

  test("a database too large to be copied says that schema changes are not undone", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    await handle.execute("CREATE TABLE large (bytes)");
    await handle.execute("INSERT INTO large VALUES (zeroblob(?))", [2 ** 28]);
    void handle.path;

    expect(await adapter.open()).toMatchObject({
      mode: "undo",
      notRestored: [
        "schema changes (the database is too large to be copied for them)",
        "databases attached by the app",
        "planner statistics (ANALYZE)",
      ],
    });
    expect(adapter.capabilities.schema).toBe(false);
    const root = await adapter.checkpoint();
    await handle.execute("INSERT INTO orders(amount) VALUES (1)");
    await adapter.rollback(root);
    expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    await handle.execute("ALTER TABLE orders ADD COLUMN note");
    for (const verb of [adapter.rollback, adapter.diff]) {
      await expect(verb(root)).rejects.toMatchObject({ code: "EXPLORE_SCHEMA_CHANGED" });
    }
  });

  test("images are removed when nothing leads to them any more", async () => {
    const { handle, adapter, folder } = await connect({ schema: ORDERS });
    void handle.path;
    await adapter.open();
    const root = await adapter.checkpoint();
    const images = (): string[] => readdirSync(folder).filter((name) => name.includes("image"));
    for (const name of ["a", "b", "c"]) {
      await handle.execute(`CREATE TABLE ${name} (x)`);
      const changed = await adapter.checkpoint();
      await adapter.rollback(root);
      await adapter.release(changed);
    }

    expect(images()).toEqual(["explore-image-0.db"]);
  });

  test("a column can be dropped under backup only, and undo says whose trigger is in the way", async () => {
    const schema = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text, extra)";
    const drop = "ALTER TABLE notes DROP COLUMN extra";
    const undo = await connect({ schema, isolation: "undo" });
    await undo.adapter.open();

    await expect(undo.handle.execute(drop)).rejects.toThrow(/trigger _explore_.*: no such column/);

    const backup = await connect({ schema, isolation: "backup" });
    await backup.adapter.open();
    const root = await backup.adapter.checkpoint();
    const before = await backup.adapter.observe();
    await backup.handle.execute(drop);
    await backup.adapter.rollback(root);
    expect(await backup.adapter.observe()).toEqual(before);
  });

  test.runIf(hasPython)("what Python's own SQLite writes is rolled back", async () => {
    const { handle, adapter } = await connect({
      schema: `${ORDERS}; CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id REFERENCES orders ON DELETE CASCADE)`,
    });
    const dump = createDump(handle.path);
    onTestFinished(dump.close);
    await handle.execute("INSERT INTO orders(amount) VALUES (1), (2)");
    await handle.execute("INSERT INTO lines(order_id) VALUES (1), (1), (2)");
    await adapter.open();
    const root = await adapter.checkpoint();
    const before = dump.read();

    const python = spawnSync("python3", ["-c", PYTHON, handle.path], { encoding: "utf8" });
    expect(python).toMatchObject({ status: 0, stderr: "" });
    expect(dump.read()).not.toEqual(before);
    expect(dump.read().tables["lines"]).toEqual([]);
    await adapter.rollback(root);

    expect(dump.read()).toEqual(before);
  });
});

const PYTHON = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA foreign_keys = ON")
db.execute("INSERT OR REPLACE INTO orders VALUES (2, 20)")
db.execute("DELETE FROM orders WHERE id = 1")
db.commit()
`;
