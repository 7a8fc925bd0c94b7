import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { ConnectedSystem } from "../src/adapters/adapter.ts";
import {
  sqlite,
  type SqliteConnection,
  type SqliteHandle,
  type SqliteOptions,
} from "../src/adapters/sqlite/index.ts";
import { provideNothing } from "../test/support/provision/nothing.ts";

/** A better-sqlite3 connection that our own types do not narrow. */
export type RawConnection = Database.Database;

/** A folder in the machine's temporary folder, removed with everything in it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "explore-bench-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Rows of about a hundred bytes, with an index beside the key. */
export function fillAccounts(connection: Pick<SqliteConnection, "exec">, rows: number): void {
  connection.exec(`
    CREATE TABLE accounts (
      id      INTEGER PRIMARY KEY AUTOINCREMENT,
      owner   TEXT    NOT NULL,
      balance INTEGER NOT NULL DEFAULT 0,
      note    TEXT
    );
    CREATE INDEX accounts_owner ON accounts (owner);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO accounts (owner, balance, note)
      SELECT 'owner ' || i, i % 1000, 'a note of some sixty letters, as one would find it in a table' FROM n;
  `);
}

/** Makes a database in WAL mode that is copied for every subject. */
export function makeDatabase(file: string, rows: number): void {
  const connection = openRaw(file);
  fillAccounts(connection, rows);
  connection.close();
}

/** Opens a database as both sides of every comparison do. */
export function openRaw(file: string): RawConnection {
  const connection = new Database(file);
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = OFF");
  return connection;
}

/** Connects the database as a world would. */
export function connectSqlite(
  options: SqliteOptions,
  directory: string,
): Promise<ConnectedSystem<SqliteHandle>> {
  const environment = {
    name: "db",
    slot: "bench",
    directory,
    root: directory,
    handles: {},
    provide: provideNothing,
  };
  return sqlite(options).connect(environment);
}
