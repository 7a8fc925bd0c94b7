import { rm } from "node:fs/promises";
import Database from "better-sqlite3";
import type { ConformanceSubject } from "../../../src/adapters/conformance.ts";
import type { SqliteOptions } from "../../../src/adapters/sqlite/index.ts";
import { sqlite } from "../../../src/adapters/sqlite/index.ts";
import { createFolder } from "./folder.ts";
import { provideNothing } from "../provision/nothing.ts";

/** How a subject of the conformance suite shall be. */
export interface SubjectOptions extends SqliteOptions {
  /** An app's connection that stays open, as in the other process that `scope: "server"` means. */
  readonly foreign?: boolean;
  readonly journal?: "wal" | "delete";
  readonly withVirtualTable?: boolean;
}

const SCHEMA = `
  CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT);
  CREATE TABLE audit (value TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TRIGGER audit_entries AFTER INSERT ON entries BEGIN
    INSERT OR REPLACE INTO audit VALUES (NEW.value);
  END;
`;

/** A database as the conformance suite wants it. */
export async function createSubject(options: SubjectOptions): Promise<ConformanceSubject> {
  const { foreign = true, journal = "wal", withVirtualTable = false, ...given } = options;
  const folder = createFolder();
  const system = sqlite({
    schema: (connection) => {
      if (given.path === undefined) connection.pragma(`journal_mode = ${journal}`);
      connection.exec(SCHEMA);
      if (withVirtualTable) connection.exec("CREATE VIRTUAL TABLE notes USING fts5(body)");
    },
    ...given,
  });
  const { handle, adapter } = await system.connect({
    name: "db",
    slot: "test",
    directory: folder,
    root: folder,
    handles: {},
    provide: provideNothing,
  });
  const app = foreign ? new Database(handle.path) : undefined;
  const insert = "INSERT INTO entries(value) VALUES (?)";
  return {
    adapter,
    write: (value) => handle.execute(insert, [value]),
    writeElsewhere: (value) => app?.prepare(insert).run(value),
    changeSchema: () => handle.execute("ALTER TABLE entries ADD COLUMN note TEXT DEFAULT 'none'"),
    nextCounter: async () => (await handle.execute(insert, ["counted"])).lastInsertRowid,
    cleanUp: async () => {
      app?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
