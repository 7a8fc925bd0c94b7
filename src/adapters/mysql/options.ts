import { show, usageError } from "../../errors.ts";
import type { OptionRule, OptionRules } from "../../option-rules.ts";
import { BOOLEAN, checkOptions, isWholeNumber, MILLISECONDS, oneOf } from "../../option-rules.ts";
import type { ServerOptions } from "../../provision/server-request.ts";
import { checkServerOptions, SERVER } from "../../provision/server-options.ts";
import type { Migrate, Schema } from "../sql/set-up.ts";
import { MIGRATE_TIMEOUT_MS, SET_UP_RULES } from "../sql/set-up.ts";
import { refuseInTestDatabase } from "../sql/test-database.ts";
import { isMysqlUrl } from "./address.ts";
import type { MysqlClient } from "./driver.ts";

/** The ways to roll a database back. */
export const ISOLATIONS = ["auto", "undo", "savepoint", "copy"] as const;

/** A way to roll a database back, as the user writes it. */
export type MysqlIsolation = (typeof ISOLATIONS)[number];

/** What `mysql` takes; all of it optional. */
export interface MysqlOptions {
  /**
   * The server, and the database to start from: it is copied and never written. A `mysql://` string.
   * Default: `MYSQL_URL`, then `DATABASE_URL`, then a server that is found or started on this machine.
   */
  readonly url?: string;
  /** The server's name or address. Default: `localhost`, when another part of the address is given. */
  readonly host?: string;
  /** Default: 3306. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** The database to start from. */
  readonly database?: string;
  /** Have a server started, whatever the environment names, and how. Not with an address. */
  readonly server?: ServerOptions;
  /**
   * Run once on a new, empty database before the app sees it: SQL, the path of a `.sql` file, a
   * folder of such files (run in the order of their names), or a function. Default: nothing is run,
   * and the database at `url` is copied.
   */
  readonly schema?: Schema<MysqlClient>;
  /**
   * Run after `schema`: a function, or a command such as an ORM's, in the project's root with
   * `DATABASE_URL`, `MYSQL_HOST` and its like set to the new database.
   */
  readonly migrate?: Migrate<MysqlClient>;
  /** Milliseconds that `migrate` may take. Default: 120000. */
  readonly migrateTimeoutMs?: number;
  /**
   * How the database is rolled back. `undo`: what anybody wrote is logged by triggers and undone.
   * `savepoint`: only what the handle wrote. `copy`: a copy of all tables at every checkpoint.
   * Default: `auto`.
   */
  readonly isolation?: MysqlIsolation;
  /**
   * Whether isolation `undo` puts `AUTO_INCREMENT` counters back as well. That takes an `ALTER TABLE`
   * for each table that rows were added to, which is slow where the server waits for its disk.
   * Default: true.
   */
  readonly counters?: boolean;
  /** Work in the database at `url` itself, and put its rows back when the run ends. */
  readonly testDatabase?: boolean;
  /** Allow a server on another machine. */
  readonly allowRemote?: boolean;
  /** Milliseconds that a checkpoint or rollback waits for open transactions. Default: 2000. */
  readonly quiescenceMs?: number;
  /**
   * Milliseconds that a connection may take to be made, and that a statement of the handle may wait
   * for a lock. Default: 10000.
   */
  readonly connectionTimeoutMs?: number;
}

/** The options with every default filled in. */
export interface ReadOptions {
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly server: ServerOptions | undefined;
  readonly schema: MysqlOptions["schema"];
  readonly migrate: MysqlOptions["migrate"];
  readonly migrateTimeoutMs: number;
  readonly isolation: MysqlIsolation;
  readonly counters: boolean;
  readonly testDatabase: boolean;
  readonly allowRemote: boolean;
  readonly quiescenceMs: number;
  readonly connectionTimeoutMs: number;
}

const text = (example: string): OptionRule => ({
  must: "a text that is not empty",
  holds: (value) => typeof value === "string" && value !== "",
  cure: `Give e.g. ${JSON.stringify(example)}.`,
});

const RULES: OptionRules<MysqlOptions> = {
  url: {
    must: "a connection string",
    holds: (value) => typeof value === "string" && isMysqlUrl(value),
    cure: 'Give e.g. "mysql://user:password@localhost/shop".',
    isSecret: true,
  },
  host: text("localhost"),
  port: {
    must: "a whole number from 1 to 65535",
    holds: isWholeNumber(1, 65_535),
    cure: "Give a number such as 3306.",
  },
  user: text("root"),
  password: {
    must: "a text",
    holds: (value) => typeof value === "string",
    cure: "Give a text, or leave the option out.",
    isSecret: true,
  },
  database: text("shop"),
  schema: {
    must: "SQL, the path of a .sql file or a folder of them, or a function",
    holds: (value) =>
      typeof value === "function" || (typeof value === "string" && value.trim() !== ""),
    cure: 'Give e.g. "./schema.sql".',
  },
  server: SERVER,
  ...SET_UP_RULES,
  isolation: oneOf(ISOLATIONS, "Leave it out to have the best one chosen."),
  counters: BOOLEAN,
  testDatabase: BOOLEAN,
  allowRemote: BOOLEAN,
  quiescenceMs: MILLISECONDS,
  connectionTimeoutMs: MILLISECONDS,
};

/** The options that name a server. */
export const ADDRESS_OPTIONS = ["url", "host", "port", "user", "password", "database"] as const;

/**
 * Checks what the user gave to `mysql`.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown, wrong or in conflict.
 */
export function readOptions(given: unknown): ReadOptions {
  const options = checkOptions<MysqlOptions>(
    "mysql()",
    given,
    RULES,
    '{ url: "mysql://root@localhost/shop" }',
  );
  checkServerOptions("mysql(): server", options.server);
  const read: ReadOptions = { ...DEFAULTS, ...options };
  refuseConflicts(read);
  return read;
}

const DEFAULTS: ReadOptions = {
  url: undefined,
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  database: undefined,
  server: undefined,
  schema: undefined,
  migrate: undefined,
  migrateTimeoutMs: MIGRATE_TIMEOUT_MS,
  isolation: "auto",
  counters: true,
  testDatabase: false,
  allowRemote: false,
  quiescenceMs: 2000,
  connectionTimeoutMs: 10_000,
};

function refuseConflicts(read: ReadOptions): void {
  const address = ADDRESS_OPTIONS.find((name) => read[name] !== undefined);
  if (address !== undefined && read.server !== undefined) {
    throw usageError(
      `mysql(): server: ${show(read.server)}`,
      `has a server started, and \`${address}\` is about one that runs`,
      "Give only one of them.",
    );
  }
  refuseInTestDatabase("mysql()", read, {
    isolation: "copy",
    does: "drops all tables and makes them again",
  });
}
