import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../support/sqlite/connect.ts";
import type { Dump } from "../support/sqlite/dump.ts";
import { createDump } from "../support/sqlite/dump.ts";
import { testFolder } from "../support/sqlite/folder.ts";
import { createRandom } from "../support/sqlite/random.ts";
import { startScript } from "../support/sqlite/run-script.ts";
import { startWriter } from "../support/sqlite/writer.ts";

function createDatabase(mode: "wal" | "delete" = "wal"): { file: string; read: () => Dump } {
  const file = join(testFolder(), "users.db");
  const db = new Database(file);
  db.pragma(`journal_mode = ${mode}`);
  db.exec("CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)");
  db.exec("CREATE TRIGGER mine AFTER INSERT ON users BEGIN SELECT 1; END");
  db.exec("PRAGMA user_version = 5");
  for (let id = 1; id <= 50; id += 1)
    db.prepare("INSERT INTO users(name) VALUES (?)").run(`user ${id}`);
  db.close();
  const read = (): Dump => {
    const dump = createDump(file);
    const seen = dump.read();
    dump.close();
    return seen;
  };
  return { file, read };
}

function ours(file: string): unknown[] {
  const db = new Database(file);
  const found = db.prepare("SELECT name FROM sqlite_schema WHERE name GLOB '_explore_*'").all();
  db.close();
  return found;
}

describe("a test database", () => {
  test.for(["wal", "delete"] as const)(
    "is worked in, and put back at the end: %s",
    async (mode) => {
      const { file, read } = createDatabase(mode);
      const before = read();
      const { handle, adapter } = await connect({ path: file, testDatabase: true });
      expect(handle.path).toBe(file);
      const writer = await startWriter(file);
      onTestFinished(writer.stop);
      expect(await adapter.open()).toMatchObject({ mode: "undo" });
      await adapter.checkpoint();
      await writer.write(["DELETE FROM users", "CREATE TABLE more (a)", "PRAGMA user_version = 9"]);

      await adapter[Symbol.asyncDispose]();

      expect(read()).toEqual(before);
      expect(ours(file)).toEqual([]);
      expect(existsSync(`${file}.explore-base`)).toBe(false);
      expect(await writer.write(["INSERT INTO users(name) VALUES ('later')"])).toMatchObject({
        failed: 0,
      });
    },
  );

  test("is put back when the adapter was never opened", async () => {
    const { file, read } = createDatabase();
    const before = read();
    const { handle, adapter } = await connect({ path: file, testDatabase: true });
    await handle.execute("DELETE FROM users");

    await adapter[Symbol.asyncDispose]();

    expect(read()).toEqual(before);
  });

  test("is refused while another run works in it, naming the process", async () => {
    const { file } = createDatabase();
    const other = startScript("testDatabase", [file, testFolder()]);
    onTestFinished(async () => {
      other.kill("SIGKILL");
      await once(other, "exit");
    });
    await once(other.stdout, "data");

    await expect(connect({ path: file, testDatabase: true })).rejects.toMatchObject({
      code: "EXPLORE_DATABASE_LOCKED",
      message: expect.stringContaining(`used by:  process ${other.pid}: `),
    });
  });

  test("is refused when there is none", async () => {
    await expect(connect({ path: "none.db", testDatabase: true })).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining("there is no test database at"),
    });
  });

  // Killed while it starts, works, and rolls back: the moment is random.
  test.for([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    "is repaired by the next start after kill -9, moment %i",
    async (seed) => {
      const { file, read } = createDatabase(seed % 2 === 0 ? "wal" : "delete");
      const before = read();
      const random = createRandom(seed);
      const killed = startScript("testDatabase", [file, testFolder()]);
      const ended = once(killed, "exit");
      if (seed % 4 !== 0) await once(killed.stdout, "data");
      await sleep(random.below(seed % 4 === 0 ? 300 : 120));
      killed.kill("SIGKILL");
      await ended;

      const { adapter } = await connect({ path: file, testDatabase: true });
      expect(read()).toEqual(before);
      expect(ours(file)).toEqual([]);
      await adapter.open();
      await adapter[Symbol.asyncDispose]();

      expect(read()).toEqual(before);
      const left = readdirSync(join(file, "..")).filter((name) => name.includes("explore-base"));
      expect(left).toEqual([]);
    },
  );
});
