import { codeOf } from "../../errors.ts";
import { loadDriver } from "../load-driver.ts";

/** What an `INSERT`, `UPDATE` or `DELETE` did. */
export interface SqliteRunResult {
  /** Rows changed, without those changed by triggers and cascades. */
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}

/** The part of a better-sqlite3 statement that we use. */
export interface SqliteStatement {
  /** Whether it returns rows. */
  readonly reader: boolean;
  readonly run: (...params: unknown[]) => SqliteRunResult;
  readonly get: (...params: unknown[]) => unknown;
  readonly all: (...params: unknown[]) => unknown[];
  readonly iterate: (...params: unknown[]) => IterableIterator<unknown>;
  readonly pluck: (toggle?: boolean) => SqliteStatement;
  readonly raw: (toggle?: boolean) => SqliteStatement;
  readonly safeIntegers: (toggle?: boolean) => SqliteStatement;
}

/**
 * A better-sqlite3 connection, described by its shape so that a user without the package's types
 * can use ours.
 */
export interface SqliteConnection {
  readonly name: string;
  readonly open: boolean;
  readonly inTransaction: boolean;
  readonly prepare: (sql: string) => SqliteStatement;
  readonly exec: (sql: string) => unknown;
  readonly pragma: (sql: string, options?: { readonly simple?: boolean }) => unknown;
  readonly backup: (
    file: string,
    options?: { readonly progress: () => number },
  ) => Promise<{ readonly totalPages: number; readonly remainingPages: number }>;
  readonly serialize: () => Uint8Array;
  readonly close: () => unknown;
}

/** How a connection is opened. */
export interface ConnectOptions {
  readonly readonly?: boolean;
  readonly fileMustExist?: boolean;
  /** Milliseconds that a locked database is waited for, blocking the event loop. */
  readonly timeout?: number;
}

/** Opens a file or `:memory:`. */
export type OpenConnection = (file: string, options?: ConnectOptions) => SqliteConnection;

/**
 * Loads better-sqlite3.
 *
 * @throws ExploreError `EXPLORE_DRIVER_MISSING` when it cannot be loaded.
 */
export async function loadSqlite(): Promise<OpenConnection> {
  const module = await loadDriver({
    name: "better-sqlite3",
    neededBy: "sqlite",
    // On an older Node, version 13 crashes the process instead of throwing.
    minNode: "22.14",
    load: () => import("better-sqlite3"),
  });
  const Database = module.default as unknown as new (
    file: string,
    options?: ConnectOptions,
  ) => SqliteConnection;
  return (file, options) => new Database(file, options);
}

/** The `SQLITE_…` name of a driver's error; an empty string for every other error. */
export function sqliteCode(error: unknown): string {
  const code = codeOf(error);
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : "";
}

/** Whether another connection's lock was in the way, so that trying again later may help. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}
