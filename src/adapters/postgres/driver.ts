import { hash } from "node:crypto";
import { codeOf, ExploreError } from "../../errors.ts";
import { loadDriver } from "../load-driver.ts";
import { REACH_SERVER } from "../unreachable.ts";

/** What a statement answered. */
export interface PostgresResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  /** Rows read or changed; `null` for a statement that does neither. */
  readonly rowCount: number | null;
  /** The statement's first word, e.g. `INSERT`. */
  readonly command: string;
}

/** A statement with values, prepared under `name` when it has one. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

/** A statement that is run again and again: planning it may take as long as running it. */
export function prepared(text: string): PostgresQuery {
  return { name: `explore_${hash("sha256", text, "hex").slice(0, 32)}`, text };
}

/**
 * A connected `pg.Client`, described by its shape so that a user without the package's types can
 * use ours.
 */
export interface PostgresClient {
  readonly query: <Row = Record<string, unknown>>(
    query: string | PostgresQuery,
    values?: readonly unknown[],
  ) => Promise<PostgresResult<Row>>;
  readonly on: (event: "error", listener: (error: Error) => void) => unknown;
  readonly end: () => Promise<void>;
  readonly getTransactionStatus?: () => string | null;
}

/** Reads a value from the text that the server sends. */
export type ParseText = (text: string) => unknown;

/** Where and as whom to connect. */
export interface ServerAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Ways to speak to it, the first that it takes: `false` is none, else options of Node's TLS. */
  readonly encryptions: readonly (false | Readonly<Record<string, unknown>>)[];
  readonly connectionTimeoutMs: number;
}

/** Opens a connection to a database of one server. */
export type Connect = (
  database: string,
  parserOf?: (type: number) => ParseText | undefined,
) => Promise<PostgresClient>;

/** The driver, ready for one server. */
export interface Driver {
  readonly connect: Connect;
  /** The driver's own way to read values of a type. */
  readonly parserOf: (type: number) => ParseText;
}

/**
 * Loads pg.
 *
 * @throws ExploreError `EXPLORE_DRIVER_MISSING` when it cannot be loaded.
 */
export async function loadPostgres(system: string, address: ServerAddress): Promise<Driver> {
  const module = await loadDriver({
    name: "pg",
    neededBy: "postgres",
    load: () => import("pg"),
  });
  const { Client, types } = module.default;
  const driverParser = (type: number): ParseText => types.getTypeParser(type, "text") as ParseText;
  const open: Open = async (encryption, database, parserOf) => {
    const { host, port, user, password, connectionTimeoutMs } = address;
    const client = new Client({
      host,
      port,
      database,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ssl: encryption,
      connectionTimeoutMillis: connectionTimeoutMs,
      types: { getTypeParser: (type: number) => parserOf(type) ?? driverParser(type) },
    }) as unknown as PostgresClient & { readonly connect: () => Promise<void> };
    // Without a listener a connection that the server ends would end this process; whoever uses it
    // next is told.
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  return {
    parserOf: driverParser,
    connect: async (database, parserOf = () => undefined) => {
      const [first = false, ...others] = address.encryptions;
      try {
        return await open(first, database, parserOf).catch((error: unknown) => {
          const [second] = others;
          if (second === undefined || !isAboutEncryption(error)) throw error;
          return open(second, database, parserOf).catch((other: unknown) => {
            // A wrong user is refused like missing encryption: then the first answer is the reason.
            throw isUnencrypted(other) ? error : other;
          });
        });
      } catch (cause) {
        throw cannotConnect(system, { ...address, database }, cause);
      }
    },
  };
}

type Open = (
  encryption: ServerAddress["encryptions"][number],
  database: string,
  parserOf: (type: number) => ParseText | undefined,
) => Promise<PostgresClient>;

/** The server does not do it, or does not do without. */
function isAboutEncryption(error: unknown): boolean {
  return sqlState(error) === "28000" || isUnencrypted(error);
}

function isUnencrypted(error: unknown): boolean {
  return error instanceof Error && error.message.includes("does not support SSL");
}

/** The five letters of a server's error; an empty string for every other error. */
export function sqlState(error: unknown): string {
  const code = codeOf(error);
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "";
}

function cannotConnect(
  system: string,
  { host, port, user, database }: ServerAddress & { readonly database: string },
  cause: unknown,
): Error {
  const reason = reasonOf(cause);
  const error = new ExploreError(
    "EXPLORE_ADAPTER_FAILED",
    `${system}: cannot connect to PostgreSQL: ${reason}\n` +
      `  host:     ${host}\n` +
      `  port:     ${port}\n` +
      `  database: ${database}\n` +
      `  user:     ${user ?? "(this system's user)"}\n` +
      REACH_SERVER,
    { cause, details: { system, host, port, database, state: sqlState(cause) } },
  );
  return error;
}

function reasonOf(cause: unknown): string {
  // One error for each address that a name stands for, with an empty text of its own.
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return first instanceof Error ? first.message : String(first);
}
