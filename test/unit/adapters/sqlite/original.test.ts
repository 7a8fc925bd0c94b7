import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../../../support/sqlite/connect.ts";
import { testFolder } from "../../../support/sqlite/folder.ts";
import { startScript } from "../../../support/sqlite/run-script.ts";
import { startWriter } from "../../../support/sqlite/writer.ts";
import { once } from "node:events";

/** Names and contents of the files in a folder, without those of WAL's shared memory. */
function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder).filter((name) => !name.endsWith("-shm"));
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

async function useCopy(path: string): Promise<unknown[]> {
  const { handle, adapter } = await connect({ path });
  const rows = await handle.query<{ a: string }>("SELECT a FROM t ORDER BY a");
  expect(handle.path).not.toBe(path);
  await adapter.open();
  const root = await adapter.checkpoint();
  await handle.execute("INSERT INTO t VALUES ('mine')");
  await adapter.rollback(root);
  await handle.execute("INSERT INTO t VALUES ('left')");
  return rows.map(({ a }) => a);
}

describe("the user's own database", () => {
  test.for(["wal", "delete"])("stays byte for byte what it was: closed, %s", async (mode) => {
    const folder = testFolder();
    const path = join(folder, "mine.db");
    const db = new Database(path);
    db.pragma(`journal_mode = ${mode}`);
    db.exec("CREATE TABLE t (a); INSERT INTO t VALUES ('mine')");
    db.close();
    const before = contents(folder);

    const rows = await useCopy(path);

    expect(rows).toEqual(["mine"]);
    expect(contents(folder)).toEqual(before);
    expect(readdirSync(folder)).toEqual(["mine.db"]);
  });

  test.for(["wal", "delete"])("stays what it was while others write: %s", async (mode) => {
    const folder = testFolder();
    const path = join(folder, "mine.db");
    new Database(path).close();
    const writer = await startWriter(path);
    onTestFinished(writer.stop);
    await writer.write([
      `PRAGMA journal_mode = ${mode}`,
      "CREATE TABLE t (a)",
      "INSERT INTO t VALUES ('committed')",
      "BEGIN IMMEDIATE",
      "INSERT INTO t VALUES ('pending')",
    ]);
    const before = contents(folder);

    const rows = await useCopy(path);

    expect(rows).toEqual(["committed"]);
    expect(contents(folder)).toEqual(before);
    expect(await writer.write(["COMMIT"])).toMatchObject({ failed: 0, open: false });
    expect(new Database(path).prepare("SELECT count(*) FROM t").pluck().get()).toBe(2);
  });

  test.for(["wal", "delete"])(
    "is copied as the last commit left it before a crash: %s",
    async (mode) => {
      const folder = testFolder();
      const path = join(folder, "mine.db");
      await once(startScript("crash", [path, mode]), "exit");
      const before = contents(folder);
      expect(Object.keys(before)).toContain(mode === "wal" ? "mine.db-wal" : "mine.db-journal");

      const rows = await useCopy(path);

      expect(rows).toEqual(["committed"]);
      expect(contents(folder)).toEqual(before);
    },
  );

  test("is copied with its header", async () => {
    const path = join(testFolder(), "mine.db");
    const db = new Database(path);
    db.pragma("user_version = 7");
    db.pragma("application_id = 9");
    db.close();

    const { handle } = await connect({ path });

    expect(await handle.query("PRAGMA user_version")).toEqual([{ user_version: 7 }]);
    expect(await handle.query("PRAGMA application_id")).toEqual([{ application_id: 9 }]);
  });

  test.for([
    ["is not there", undefined, /^db: there is no database at .*nothing\.db\.\nCorrect `path`/],
    [
      "is none",
      "no database, but long enough for a header of one",
      /is no SQLite database, or is encrypted/,
    ],
  ] as const)("is refused when it %s", async ([, content, message]) => {
    const folder = testFolder();
    if (content !== undefined) writeFileSync(join(folder, "nothing.db"), content.repeat(20));

    await expect(connect({ path: "nothing.db" }, folder)).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringMatching(message),
    });
  });
});
