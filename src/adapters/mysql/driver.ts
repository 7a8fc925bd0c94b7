import { ExploreError } from "../../errors.ts";
import { loadDriver } from "../load-driver.ts";
import { REACH_SERVER } from "../unreachable.ts";

/** What a statement that reads nothing answered. */
export interface MysqlResult {
  /** Rows that were found or changed. */
  readonly affectedRows: number;
  /** The first `AUTO_INCREMENT` value that was given out; 0 for none. */
  readonly insertId: number | string;
  readonly info: string;
  readonly serverStatus: number;
  readonly warningStatus: number;
}

/** A statement with the driver's own options. */
export interface MysqlQuery {
  readonly sql: string;
  readonly values?: unknown;
  readonly rowsAsArray?: boolean;
  readonly typeCast?: (field: MysqlField, next: () => unknown) => unknown;
}

/** A value on its way from the server. */
export interface MysqlField {
  /** The protocol's name of the type, e.g. `LONGLONG`. */
  readonly type: string;
  readonly buffer: () => Buffer | null;
  readonly string: () => string | null;
}

/**
 * A connection of `mysql2/promise`, described by its shape so that a user without the package's
 * types can use ours.
 */
export interface MysqlClient {
  /** Answers rows or a result, and the columns. A list of those for several statements. */
  readonly query: (query: string | MysqlQuery, values?: unknown) => Promise<[unknown, unknown]>;
  /** The same, prepared on the server. */
  readonly execute: (query: string | MysqlQuery, values?: unknown) => Promise<[unknown, unknown]>;
  readonly on: (event: "error", listener: (error: Error) => void) => unknown;
  readonly end: () => Promise<void>;
  readonly destroy: () => void;
  /** The number by which the server knows it. */
  readonly threadId: number;
}

/** Where and as whom to connect. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** A Unix socket, used instead of host and port. */
  readonly socketPath: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `undefined`: no encryption. */
  readonly ssl: Readonly<Record<string, unknown>> | undefined;
  readonly connectionTimeoutMs: number;
}

/** Opens a connection, to a database or to none. */
export type Connect = (
  database: string | undefined,
  options?: Readonly<Record<string, unknown>>,
) => Promise<MysqlClient>;

/** The driver, ready for one server. */
export interface Driver {
  readonly connect: Connect;
}

/**
 * Loads mysql2.
 *
 * @throws ExploreError `EXPLORE_DRIVER_MISSING` when it cannot be loaded.
 */
export async function loadMysql(system: string, address: ServerAddress): Promise<Driver> {
  const { createConnection } = await loadDriver({
    name: "mysql2",
    neededBy: "mysql",
    load: () => import("mysql2/promise"),
  });
  return {
    connect: async (database, options = {}) => {
      const { host, port, socketPath, user, password, ssl, connectionTimeoutMs } = address;
      try {
        const client = (await createConnection({
          ...(socketPath === undefined ? { host, port } : { socketPath }),
          ...(database !== undefined && { database }),
          ...(user !== undefined && { user }),
          ...(password !== undefined && { password }),
          ...(ssl !== undefined && { ssl }),
          connectTimeout: connectionTimeoutMs,
          charset: "utf8mb4",
          ...options,
        })) as unknown as MysqlClient;
        // Without a listener a connection that the server ends would end this process; whoever uses
        // it next is told.
        client.on("error", () => {});
        return client;
      } catch (cause) {
        if (errorNumber(cause) === UNKNOWN_DATABASE) throw cause;
        throw cannotConnect(system, { ...address, database }, cause);
      }
    },
  };
}

const UNKNOWN_DATABASE = 1049;

/** The number of a server's error; 0 for every other error. */
export function errorNumber(error: unknown): number {
  const number = error instanceof Error && "errno" in error ? error.errno : undefined;
  return typeof number === "number" && number > 0 && "sqlState" in (error as object) ? number : 0;
}

/** Runs one statement and reads its rows. */
export async function readRows<Row = Record<string, unknown>>(
  client: MysqlClient,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const [rows] = await client.query(sql, values);
  return rows as readonly Row[];
}

/**
 * Runs statements in one round trip. The connection must allow several at once.
 *
 * @returns An answer for each.
 */
export async function queryAll(
  client: MysqlClient,
  statements: readonly string[],
  options: Omit<MysqlQuery, "sql"> = {},
): Promise<readonly unknown[]> {
  if (statements.length === 0) return [];
  const [answers] = await client.query({ sql: statements.join(";\n"), ...options });
  return statements.length === 1 ? [answers] : (answers as unknown[]);
}

function cannotConnect(
  system: string,
  {
    host,
    port,
    socketPath,
    user,
    database,
  }: ServerAddress & { readonly database?: string | undefined },
  cause: unknown,
): ExploreError {
  // One error for each address that a name stands for, with an empty text of its own.
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const reason = first instanceof Error ? first.message : String(first);
  return new ExploreError(
    "EXPLORE_ADAPTER_FAILED",
    `${system}: cannot connect to MySQL: ${reason}\n` +
      (socketPath === undefined
        ? `  host:     ${host}\n  port:     ${port}\n`
        : `  socket:   ${socketPath}\n`) +
      `  database: ${database ?? "(none)"}\n` +
      `  user:     ${user ?? "(none)"}\n` +
      REACH_SERVER,
    { cause, details: { system, host, port, socketPath, database, number: errorNumber(cause) } },
  );
}
