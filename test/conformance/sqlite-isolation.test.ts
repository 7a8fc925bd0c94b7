import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../support/sqlite/connect.ts";
import { startWriter } from "../support/sqlite/writer.ts";

const ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER)";

test("an app may set another journal mode when it starts", async () => {
  const { handle } = await connect({ schema: "CREATE TABLE entries (value TEXT)" });
  const app = new Database(handle.path);

  // Needs the database for itself: nobody else may have it open.
  expect(app.pragma("journal_mode = DELETE", { simple: true })).toBe("delete");
  app.close();
});

describe("isolation is chosen by what was handed out", () => {
  test("savepoint when nothing but the handle reaches the database", async () => {
    const { adapter } = await connect({ schema: ORDERS });

    expect(await adapter.open()).toEqual({
      mode: "savepoint",
      reason:
        "only the handle reaches the database: neither its path nor its connection was handed out",
      notRestored: [],
    });
  });

  test.for(["path", "url", "connection"] as const)("undo when the %s was", async (way) => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    void handle[way];

    expect(await adapter.open()).toEqual({
      mode: "undo",
      reason: `the database's ${way} was handed out, so others may write to it`,
      notRestored: ["databases attached by the app", "planner statistics (ANALYZE)"],
    });
  });

  test("savepoint in memory, whatever was handed out", async () => {
    const { handle, adapter } = await connect({ path: ":memory:", schema: ORDERS });
    void handle.connection;

    expect(await adapter.open()).toMatchObject({ mode: "savepoint" });
  });

  test.for([
    ["CREATE VIRTUAL TABLE notes USING fts5(body)", '"notes" is a virtual table'],
    [
      "CREATE TABLE t (a TEXT); CREATE UNIQUE INDEX lowered ON t (lower(a))",
      'the unique index "lowered" is on an expression',
    ],
    [
      "CREATE TABLE t (rowid, _rowid_, oid)",
      '"t" has columns called rowid, _rowid_ and oid, which hide the rowid',
    ],
  ] as const)("backup, and it says why: %s", async ([schema, reason]) => {
    const { handle, adapter } = await connect({ schema });
    void handle.path;

    expect(await adapter.open()).toMatchObject({
      mode: "backup",
      reason: `the database's path was handed out, so others may write to it, but ${reason}`,
    });
  });

  test("backup where the schema needs a function of the app's", async () => {
    const { handle, adapter } = await connect({
      schema: (connection) => {
        const app = connection as Database.Database;
        app.function("twice", { deterministic: true }, (n: number) => n * 2);
        app.exec("CREATE TABLE t (a, b GENERATED ALWAYS AS (twice(a)) STORED)");
      },
      isolation: "undo",
    });
    void handle.path;

    expect(await adapter.open()).toMatchObject({
      mode: "backup",
      reason: expect.stringMatching(
        /^isolation: "undo" was asked for, but its schema cannot be used from another connection \(.*twice/,
      ),
    });
  });

  test("what was asked for", async () => {
    const { handle, adapter } = await connect({ isolation: "backup" });
    void handle.path;

    expect(await adapter.open()).toMatchObject({
      mode: "backup",
      reason: 'isolation: "backup" was asked for',
    });
  });

  test.for(["undo", "backup", "file"] as const)("%s is refused in memory", async (isolation) => {
    const { adapter } = await connect({ path: ":memory:", isolation });

    await expect(adapter.open()).rejects.toMatchObject({
      code: "EXPLORE_ISOLATION_UNAVAILABLE",
      message: `db: isolation "${isolation}" cannot be used, because the database is in memory.\nLeave \`isolation\` out, or give the path of a file.`,
    });
  });

  test("savepoint is refused when the path was handed out", async () => {
    const { handle, adapter } = await connect({ isolation: "savepoint" });
    void handle.path;

    await expect(adapter.open()).rejects.toMatchObject({
      code: "EXPLORE_ISOLATION_UNAVAILABLE",
      message: expect.stringContaining("its path was handed out"),
    });
  });

  test.for(["path", "url", "connection"] as const)(
    "reading the %s after savepoint was chosen is refused",
    async (way) => {
      const { handle, adapter } = await connect({ schema: ORDERS });
      await adapter.open();

      expect(() => handle[way]).toThrow(
        `db: ${way} is read after isolation savepoint was chosen, which undoes only what the handle writes.\n` +
          'Set `isolation: "undo"`, or read',
      );
    },
  );
});

describe("isolation file", () => {
  test("is refused while another process has the file open, naming it", async () => {
    const { handle, adapter } = await connect({ copyOnCheckpoint: true, schema: ORDERS });
    const writer = await startWriter(handle.path);
    onTestFinished(writer.stop);

    await expect(adapter.open()).rejects.toMatchObject({
      code: "EXPLORE_ISOLATION_UNAVAILABLE",
      message: expect.stringMatching(
        new RegExp(`open in: {2}process ${writer.pid}: .*writer-process\\.ts`),
      ),
    });
  });

  test("is refused at a rollback when the file was opened meanwhile", async () => {
    const { handle, adapter } = await connect({ isolation: "file", schema: ORDERS });
    const { path } = handle;
    await adapter.open();
    const root = await adapter.checkpoint();
    const app = new Database(path);
    app.exec("INSERT INTO orders(amount) VALUES (1)");

    await expect(adapter.rollback(root)).rejects.toMatchObject({
      code: "EXPLORE_ISOLATION_UNAVAILABLE",
      message: expect.stringContaining(`process ${process.pid}: this process`),
    });
    app.close();
    await adapter.rollback(root);
    expect(await handle.query("SELECT * FROM orders")).toEqual([]);
  });

  test("has no connection to hand out", async () => {
    const { handle, adapter } = await connect({ isolation: "file" });
    await adapter.open();

    expect(() => handle.connection).toThrow(/its connection was handed out/);
  });
});

describe("isolation savepoint", () => {
  test("a COMMIT through the handle is told at once", async () => {
    const { handle, adapter } = await connect({ schema: ORDERS });
    await adapter.open();
    await adapter.checkpoint();

    await expect(handle.execute("COMMIT")).rejects.toMatchObject({
      code: "EXPLORE_SAVEPOINT_LOST",
      message:
        "db: the savepoints are gone: a COMMIT or ROLLBACK ended the transaction that held them.\n" +
        "With isolation savepoint everything runs in one transaction that is never committed.\n" +
        'Remove the COMMIT or ROLLBACK, or set `isolation: "undo"`, which undoes what was committed.',
    });
    await expect(adapter.checkpoint()).rejects.toMatchObject({ code: "EXPLORE_SAVEPOINT_LOST" });
  });

  test("a COMMIT and a new BEGIN by the app are told at the rollback", async () => {
    const { handle, adapter } = await connect({ path: ":memory:", schema: ORDERS });
    const { connection } = handle;
    await adapter.open();
    const root = await adapter.checkpoint();
    connection.exec("COMMIT");
    connection.exec("BEGIN");

    await expect(adapter.rollback(root)).rejects.toMatchObject({ code: "EXPLORE_SAVEPOINT_LOST" });
  });

  test("an app in the test's process that takes the connection is rolled back", async () => {
    const { handle, adapter } = await connect({ isolation: "savepoint", schema: ORDERS });
    const app = handle.connection as Database.Database;
    await adapter.open();
    const root = await adapter.checkpoint();

    app.transaction(() => app.exec("INSERT INTO orders(amount) VALUES (5)"))();
    expect(await adapter.diff(root)).toMatchObject([{ collection: "orders" }]);
    await adapter.rollback(root);

    expect(app.prepare("SELECT count(*) FROM orders").pluck().get()).toBe(0);
  });
});
