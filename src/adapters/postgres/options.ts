import { show, usageError } from "../../errors.ts";
import type { OptionRules } from "../../option-rules.ts";
import { BOOLEAN, checkOptions, MILLISECONDS, oneOf } from "../../option-rules.ts";
import type { ServerOptions } from "../../provision/server-request.ts";
import { checkServerOptions, SERVER } from "../../provision/server-options.ts";
import type { Migrate, Schema } from "../sql/set-up.ts";
import { MIGRATE_TIMEOUT_MS, SET_UP_RULES } from "../sql/set-up.ts";
import { refuseInTestDatabase } from "../sql/test-database.ts";
import { isPostgresUrl } from "./address.ts";
import type { PostgresClient } from "./driver.ts";

/** The ways to roll a database back. */
export const ISOLATIONS = ["auto", "undo", "savepoint", "template"] as const;

/** A way to roll a database back, as the user writes it. */
export type PostgresIsolation = (typeof ISOLATIONS)[number];

/** What `postgres` takes; all of it optional. */
export interface PostgresOptions {
  /**
   * The server, and the database to start from: it is copied and never written. Any
   * `postgresql://` string; what it leaves out comes from `PGHOST` and its like. Default:
   * `DATABASE_URL`, then those variables, then a server that is found or started on this machine.
   */
  readonly url?: string;
  /** Have a server started, whatever the environment names, and how. Not with `url`. */
  readonly server?: ServerOptions;
  /**
   * Run once on a new, empty database before the app sees it: SQL, the path of a `.sql` file, a
   * folder of such files (run in the order of their paths), or a function. A bare name such as
   * `public` is taken as `schemas: ["public"]` instead. Default: nothing is run, and the database at
   * `url` is copied.
   */
  readonly schema?: Schema<PostgresClient>;
  /**
   * Run after `schema`: a function, or a command such as an ORM's, in the project's root with
   * `DATABASE_URL` and `PGHOST` and its like set to the new database.
   */
  readonly migrate?: Migrate<PostgresClient>;
  /** Milliseconds that `migrate` may take. Default: 120000. */
  readonly migrateTimeoutMs?: number;
  /** Names of the schemas that are rolled back and compared. Default: all. */
  readonly schemas?: readonly string[];
  /**
   * How the database is rolled back. `undo`: what anybody wrote is logged by triggers and undone.
   * `savepoint`: only what the handle wrote. `template`: a copy of the database at every checkpoint;
   * open connections are ended. Default: `auto`.
   */
  readonly isolation?: PostgresIsolation;
  /** Work in the database at `url` itself, and put its rows back when the run ends. */
  readonly testDatabase?: boolean;
  /** Allow a server on another machine. */
  readonly allowRemote?: boolean;
  /** Milliseconds that a checkpoint or rollback waits for open transactions. Default: 2000. */
  readonly quiescenceMs?: number;
  /** Milliseconds that a connection may take to be made. Default: 10000. */
  readonly connectionTimeoutMs?: number;
}

/** The options with every default filled in. */
export interface ReadOptions {
  readonly url: string | undefined;
  readonly server: ServerOptions | undefined;
  readonly schema: PostgresOptions["schema"];
  /** `schema`, where it is a bare name. */
  readonly schemaName: string | undefined;
  readonly migrate: PostgresOptions["migrate"];
  readonly migrateTimeoutMs: number;
  /** `undefined`: all. */
  readonly schemas: readonly string[] | undefined;
  readonly isolation: PostgresIsolation;
  readonly testDatabase: boolean;
  readonly allowRemote: boolean;
  readonly quiescenceMs: number;
  readonly connectionTimeoutMs: number;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_$]*$/;

const RULES: OptionRules<PostgresOptions> = {
  url: {
    must: "a connection string",
    holds: (value) => typeof value === "string" && isPostgresUrl(value),
    cure: 'Give e.g. "postgresql://user:password@localhost/shop".',
    isSecret: true,
  },
  schema: {
    must: "SQL, the path of a .sql file or a folder of them, a function, or the name of a schema",
    holds: (value) =>
      typeof value === "function" || (typeof value === "string" && value.trim() !== ""),
    cure: 'Give e.g. "./schema.sql".',
  },
  schemas: {
    must: "a list of names of schemas",
    holds: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((name) => typeof name === "string" && name !== ""),
    cure: 'Give e.g. ["public"], or leave it out for all.',
  },
  server: SERVER,
  ...SET_UP_RULES,
  isolation: oneOf(ISOLATIONS, "Leave it out to have the best one chosen."),
  testDatabase: BOOLEAN,
  allowRemote: BOOLEAN,
  quiescenceMs: MILLISECONDS,
  connectionTimeoutMs: MILLISECONDS,
};

/**
 * Checks what the user gave to `postgres`.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown, wrong or in conflict.
 */
export function readOptions(given: unknown): ReadOptions {
  const options = checkOptions<PostgresOptions>(
    "postgres()",
    given,
    RULES,
    '{ url: "postgresql://localhost/shop" }',
  );
  checkServerOptions("postgres(): server", options.server);
  const { schema } = options;
  const isName = typeof schema === "string" && NAME.test(schema);
  const read: ReadOptions = {
    ...DEFAULTS,
    ...options,
    ...(isName && {
      schema: undefined,
      schemaName: schema,
      schemas: options.schemas ?? [schema],
    }),
  };
  refuseConflicts(options, read);
  return read;
}

const DEFAULTS: ReadOptions = {
  url: undefined,
  server: undefined,
  schema: undefined,
  schemaName: undefined,
  migrate: undefined,
  migrateTimeoutMs: MIGRATE_TIMEOUT_MS,
  schemas: undefined,
  isolation: "auto",
  testDatabase: false,
  allowRemote: false,
  quiescenceMs: 2000,
  connectionTimeoutMs: 10_000,
};

function refuseConflicts(given: PostgresOptions, read: ReadOptions): void {
  if (given.schemas !== undefined && given.schema !== undefined && read.schema === undefined) {
    throw usageError(
      `postgres(): schema: ${show(given.schema)}`,
      `is the name of a schema, and schemas: ${show(given.schemas)} names them too`,
      "Give only `schemas`.",
    );
  }
  if (read.url !== undefined && read.server !== undefined) {
    throw usageError(
      `postgres(): server: ${show(read.server)}`,
      "has a server started, and `url` names one",
      "Give only one of them.",
    );
  }
  refuseInTestDatabase("postgres()", read, {
    isolation: "template",
    does: "drops the database and makes it again",
  });
}
