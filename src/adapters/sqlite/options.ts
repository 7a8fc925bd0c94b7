import { show, usageError } from "../../errors.ts";
import type { OptionRules } from "../../option-rules.ts";
import { BOOLEAN, checkOptions, MILLISECONDS, oneOf } from "../../option-rules.ts";
import type { SqliteConnection } from "./driver.ts";

/** The ways to roll a database back. */
export const ISOLATIONS = ["auto", "undo", "backup", "file", "savepoint"] as const;

/** A way to roll a database back, as the user writes it. */
export type SqliteIsolation = (typeof ISOLATIONS)[number];

/** What `sqlite` takes; all of it optional. */
export interface SqliteOptions {
  /**
   * The database to start from, relative to the project's root: it is copied and never written.
   * `:memory:` is a database in this process. Default: a new, empty file.
   */
  readonly path?: string;
  /**
   * Run once on the database before the app sees it: SQL, the path of a `.sql` file, or a function.
   */
  readonly schema?: string | ((connection: SqliteConnection) => void | Promise<void>);
  /**
   * How the database is rolled back. `undo`: what any process wrote is logged and undone. `backup`:
   * a copy at every checkpoint, put back into the open database. `file`: the file is copied, which
   * needs that nobody has it open. `savepoint`: only what the handle wrote. Default: `auto`.
   */
  readonly isolation?: SqliteIsolation;
  /** `true` is `isolation: "file"`. */
  readonly copyOnCheckpoint?: boolean;
  /** Work in the file at `path` itself, and put it back as it was when the run ends. */
  readonly testDatabase?: boolean;
  /** Milliseconds that a statement of the handle waits for a locked database. Default: 5000. */
  readonly busyTimeoutMs?: number;
  /** Milliseconds that a checkpoint or rollback waits for open transactions. Default: 2000. */
  readonly quiescenceMs?: number;
}

/** The options with every default filled in. */
export interface ReadOptions {
  readonly path: string | undefined;
  readonly schema: SqliteOptions["schema"];
  readonly isolation: SqliteIsolation;
  readonly testDatabase: boolean;
  readonly busyTimeoutMs: number;
  readonly quiescenceMs: number;
}

/** The path that means a database in memory. */
export const MEMORY = ":memory:";

const RULES: OptionRules<SqliteOptions> = {
  path: {
    must: 'the path of a database file, or ":memory:"',
    holds: (value) =>
      typeof value === "string" && value.trim() !== "" && !value.startsWith("file:"),
    cure: 'Give a path relative to the project\'s root, such as "./shop.db".',
  },
  schema: {
    must: "SQL, the path of a .sql file, or a function",
    holds: (value) =>
      typeof value === "function" || (typeof value === "string" && value.trim() !== ""),
    cure: 'Give e.g. "./schema.sql".',
  },
  isolation: oneOf(ISOLATIONS, "Leave it out to have the best one chosen."),
  copyOnCheckpoint: BOOLEAN,
  testDatabase: BOOLEAN,
  busyTimeoutMs: MILLISECONDS,
  quiescenceMs: MILLISECONDS,
};

/**
 * Checks what the user gave to `sqlite`.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown, wrong or in conflict.
 */
export function readOptions(given: unknown): ReadOptions {
  const options = checkOptions<SqliteOptions>("sqlite()", given, RULES, '{ path: "./shop.db" }');
  const { path, schema, copyOnCheckpoint, testDatabase = false } = options;
  refuseConflicts(options);
  return {
    path,
    schema,
    isolation: options.isolation ?? (copyOnCheckpoint === true ? "file" : "auto"),
    testDatabase,
    busyTimeoutMs: options.busyTimeoutMs ?? 5000,
    quiescenceMs: options.quiescenceMs ?? 2000,
  };
}

function refuseConflicts({ path, isolation, copyOnCheckpoint, testDatabase }: SqliteOptions): void {
  const isFile = isolation === "file";
  if (copyOnCheckpoint !== undefined && isolation !== undefined && isFile !== copyOnCheckpoint) {
    throw usageError(
      `sqlite(): copyOnCheckpoint: ${copyOnCheckpoint}`,
      `contradicts isolation: ${show(isolation)}`,
      'copyOnCheckpoint: true is the same as isolation: "file". Give only one of them.',
    );
  }
  if (testDatabase === true && (path === undefined || path === MEMORY)) {
    throw usageError(
      "sqlite(): testDatabase: true",
      `needs the path of a file, got ${show(path)}`,
      "Give the path of the database to work in, or remove testDatabase.",
    );
  }
}
