import { pathToFileURL } from "node:url";
import { ExploreError, usageError } from "../../errors.ts";
import { plainValue } from "../sql/rows.ts";
import { retryBusy } from "./busy.ts";
import type {
  OpenConnection,
  SqliteConnection,
  SqliteRunResult,
  SqliteStatement,
} from "./driver.ts";
import { MEMORY } from "./options.ts";

/** Values for `?`, first to last, or for `@name`, `:name` and `$name` by name. */
export type SqliteParams = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What the user's functions hold of a SQLite database. */
export interface SqliteHandle {
  /**
   * Runs one statement and reads its rows. Integers beyond 2^53 are bigints.
   *
   * @returns Empty when the statement returns no rows.
   * @throws ExploreError `EXPLORE_DATABASE_LOCKED` when another connection kept it locked for
   * `busyTimeoutMs`; `EXPLORE_DATABASE_ATTACHED` for `ATTACH`. Every other error is the driver's.
   */
  readonly query: <T = Record<string, unknown>>(sql: string, params?: SqliteParams) => Promise<T[]>;
  /** Runs one statement for its effect. Throws as `query` does. */
  readonly execute: (sql: string, params?: SqliteParams) => Promise<SqliteRunResult>;
  /** The database's file, for an app. Reading it tells us that others may write to it. */
  readonly path: string;
  /** The same as a `file:` URL. */
  readonly url: string;
  /** The better-sqlite3 connection behind this handle, for an app in the test's own process. */
  readonly connection: SqliteConnection;
}

/** How the database can be reached other than through `query` and `execute`. */
export type WayIn = "path" | "url" | "connection";

/** The handle, and what a mode needs to know of its use. */
export interface Access {
  readonly handle: SqliteHandle;
  /** The handle's own connection, opened when it is first needed. */
  readonly connection: () => SqliteConnection;
  /** Closes the own connection; it is opened again when it is next needed. */
  readonly closeConnection: () => void;
  /** The ways in that were handed out so far. */
  readonly handedOut: ReadonlySet<WayIn>;
  /** From now on, decides what happens when a way in is read. */
  readonly guardWaysIn: (guard: (way: WayIn) => void) => void;
  /** From now on, runs after each of the handle's statements. */
  readonly afterStatement: (check: () => void) => void;
}

/** What {@link createAccess} needs to know of the database. */
export interface AccessTarget {
  readonly system: string;
  readonly file: string;
  /** Whether the file is ours and need not survive a crash of the machine. */
  readonly disposable: boolean;
  readonly open: OpenConnection;
  readonly busyTimeoutMs: number;
}

/** Makes the handle of a database. */
export function createAccess(target: AccessTarget): Access {
  const { file, busyTimeoutMs } = target;
  const own = ownConnection(target);
  const handedOut = new Set<WayIn>();
  const hooks: Hooks = { wayIn: nothing, afterStatement: nothing };

  function handOut(way: WayIn): void {
    hooks.wayIn(way);
    handedOut.add(way);
  }

  return {
    handle: {
      ...createVerbs(target, own, hooks),
      get path() {
        handOut("path");
        return file;
      },
      get url() {
        handOut("url");
        return file === MEMORY ? `file:${MEMORY}` : pathToFileURL(file).href;
      },
      get connection() {
        handOut("connection");
        // An app's statements wait as it is used to; the handle's own never block the event loop.
        own.get().pragma(`busy_timeout = ${busyTimeoutMs}`);
        return own.get();
      },
    },
    connection: own.get,
    closeConnection: own.close,
    handedOut,
    guardWaysIn: (guard) => {
      hooks.wayIn = guard;
    },
    afterStatement: (check) => {
      hooks.afterStatement = check;
    },
  };
}

interface Hooks {
  wayIn: (way: WayIn) => void;
  afterStatement: () => void;
}

function nothing(): void {
  // Until a mode is chosen.
}

function createVerbs(
  target: AccessTarget,
  own: OwnConnection,
  hooks: Hooks,
): Pick<SqliteHandle, "query" | "execute"> {
  async function run<T>(sql: string, use: (statement: SqliteStatement) => T): Promise<T> {
    refuseAttach(target.system, sql);
    const result = await retryBusy(
      () => use(own.prepare(sql)),
      target.busyTimeoutMs,
      (cause) => databaseLocked(target, sql, cause),
    );
    hooks.afterStatement();
    return result;
  }

  return {
    query: async <T>(sql: string, params: SqliteParams = []) =>
      run(sql, (statement) => {
        const bound = bind(params);
        const rows = statement.reader ? statement.safeIntegers().all(...bound) : [];
        if (!statement.reader) statement.run(...bound);
        return rows.map(plainRow) as T[];
      }),
    execute: async (sql, params = []) =>
      run(sql, (statement) => {
        const bound = bind(params);
        if (!statement.reader) return statement.run(...bound);
        statement.all(...bound);
        return own
          .prepare("SELECT changes() AS changes, last_insert_rowid() AS lastInsertRowid")
          .get() as SqliteRunResult;
      }),
  };
}

interface OwnConnection {
  readonly get: () => SqliteConnection;
  readonly prepare: (sql: string) => SqliteStatement;
  readonly close: () => void;
}

/** Statements kept prepared, since preparing costs more than running a small one. */
const MAX_PREPARED = 200;

function ownConnection({ system, file, disposable, open }: AccessTarget): OwnConnection {
  let connection: SqliteConnection | undefined;
  const prepared = new Map<string, SqliteStatement>();

  function get(): SqliteConnection {
    if (connection !== undefined && !connection.open) throw connectionClosed(system);
    if (connection === undefined) {
      connection = open(file, { timeout: 0, fileMustExist: file !== MEMORY });
      if (disposable) connection.pragma("synchronous = OFF");
    }
    return connection;
  }

  return {
    get,
    prepare: (sql) => {
      const connection = get();
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      const statement = connection.prepare(sql);
      prepared.set(sql, statement);
      return statement;
    },
    close: () => {
      connection?.close();
      connection = undefined;
      prepared.clear();
    },
  };
}

function bind(params: SqliteParams): readonly unknown[] {
  if (Array.isArray(params)) return params.map(withoutBoolean);
  const named = Object.entries(params).map(([name, value]) => [name, withoutBoolean(value)]);
  return [Object.fromEntries(named)];
}

/** SQLite has no booleans; the driver refuses them instead of storing 1 and 0. */
function withoutBoolean(value: unknown): unknown {
  return typeof value === "boolean" ? Number(value) : value;
}

function plainRow(row: unknown): unknown {
  return Object.fromEntries(
    Object.entries(row as Record<string, unknown>).map(([name, value]) => [
      name,
      plainValue(value),
    ]),
  );
}

const ATTACH = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*ATTACH\b/i;

function refuseAttach(system: string, sql: string): void {
  if (!ATTACH.test(sql)) return;
  throw new ExploreError(
    "EXPLORE_DATABASE_ATTACHED",
    `${system}: ATTACH is refused: what is written to an attached database cannot be rolled back.\n` +
      "Declare that database as a system of its own: createTest({ db: sqlite(…), other: sqlite(…) }).",
    { details: { system, sql } },
  );
}

function databaseLocked(
  { system, file, busyTimeoutMs }: AccessTarget,
  sql: string,
  cause: unknown,
): ExploreError {
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: the database is locked: another connection kept writing, or kept reading a database without WAL, for ${busyTimeoutMs} ms.\n` +
      `  database:  ${file}\n` +
      `  statement: ${sql}\n` +
      "SQLite allows one writer at a time. Set PRAGMA journal_mode = WAL in the app, so that readers and the " +
      "writer do not wait for each other; keep transactions short and end them before answering; let fewer " +
      "connections write; or raise `busyTimeoutMs`. Use PostgreSQL where many connections must write at once.",
    { cause, details: { system, file, sql, busyTimeoutMs } },
  );
}

function connectionClosed(system: string): ExploreError {
  return usageError(
    `${system}: connection`,
    "was closed by the app it was given to",
    "It belongs to the world, which closes it. Remove the app's call of close(), or give the app `path`.",
  );
}
