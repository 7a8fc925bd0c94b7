import { readFileSync } from "node:fs";
import { ExploreError, usageError } from "../../errors.ts";
import type { ServerAddress } from "./driver.ts";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A server and the database that was named on it. */
export interface Address extends ServerAddress {
  readonly database: string;
  /** The query of the connection string, `?` included; it goes on to the app. */
  readonly search: string;
}

const SHAPE =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<host>\[[^\]]*\]|[^:/?@]*)(?::(?<port>\d*))?(?:\/(?<database>[^?]*))?(?<search>\?.*)?$/;

/**
 * Reads a connection string; what it leaves out comes from the `PG…` variables, as in every
 * PostgreSQL program. Without a string, `DATABASE_URL` is used, and without that the variables alone.
 *
 * @throws ExploreError `EXPLORE_USAGE` when the string cannot be read, or no server is named.
 */
export function readAddress(
  given: string | undefined,
  env: Environment,
  connectionTimeoutMs: number,
): Address {
  const fromEnv = isPostgresUrl(env["DATABASE_URL"]) ? env["DATABASE_URL"] : undefined;
  const url = given ?? fromEnv ?? urlFromVariables(env);
  const parts = SHAPE.exec(url)?.groups;
  if (parts === undefined) throw badUrl(url);
  const search = parts["search"] ?? "";
  const query = new URLSearchParams(search);
  const first = (part: string, parameter: string, variable: string): string | undefined =>
    decode(parts[part], url) ?? query.get(parameter) ?? env[variable];
  const user = first("user", "user", "PGUSER");
  return {
    host: withoutBrackets(first("host", "host", "PGHOST") ?? "localhost"),
    port: Number(first("port", "port", "PGPORT") ?? 5432),
    user,
    password: first("password", "password", "PGPASSWORD"),
    database: first("database", "dbname", "PGDATABASE") ?? user ?? "postgres",
    ssl: readSsl(query, env),
    connectionTimeoutMs,
    search,
  };
}

/** Whether a text is a connection string of PostgreSQL. */
export function isPostgresUrl(text: string | undefined): text is string {
  return text !== undefined && /^postgres(ql)?:\/\//.test(text);
}

/** Writes the connection string of another database on the same server, for an app. */
export function urlOf(address: Address, database: string): string {
  const { host, port, user, password, search } = address;
  const isSocket = host.startsWith("/");
  const query = new URLSearchParams(search);
  for (const name of ["host", "port", "user", "password", "dbname"]) query.delete(name);
  if (isSocket) query.set("host", host);
  const credentials =
    user === undefined
      ? ""
      : `${encodeURIComponent(user)}${password === undefined ? "" : `:${encodeURIComponent(password)}`}@`;
  const where = host.includes(":") ? `[${host}]` : host;
  // Drivers refuse credentials without a host; the socket's folder in the query wins over the name.
  const rest = query.size === 0 ? "" : `?${query.toString()}`;
  return `postgresql://${credentials}${isSocket ? "localhost" : where}:${port}/${encodeURIComponent(database)}${rest}`;
}

/** Whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return (
    host.startsWith("/") || host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host)
  );
}

/**
 * Refuses a server on another machine that was not allowed.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE`.
 */
export function refuseRemote(system: string, { host }: Address, allowRemote: boolean): void {
  if (allowRemote || isLoopback(host)) return;
  throw new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: the server ${host} is not on this machine, so it may be somebody's real one.\n` +
      "Set `allowRemote: true` if it is there for tests. A database of our own is made on it and dropped again.",
    { details: { system, host } },
  );
}

/** Only a connection string writes an IPv6 address in brackets. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function urlFromVariables(env: Environment): string {
  if (env["PGHOST"] === undefined && env["PGDATABASE"] === undefined) throw noServer();
  return "postgresql://";
}

function decode(text: string | undefined, url: string): string | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(url);
  }
}

function readSsl(query: URLSearchParams, env: Environment): Address["ssl"] {
  const mode = query.get("sslmode") ?? env["PGSSLMODE"] ?? "prefer";
  const file = query.get("sslrootcert") ?? env["PGSSLROOTCERT"];
  const root = file === undefined ? {} : { ca: readFileSync(file, "utf8") };
  switch (mode) {
    case "disable":
    case "allow":
    case "prefer":
      // The driver cannot ask for encryption and go on without it.
      return false;
    case "require":
    case "no-verify":
      return { rejectUnauthorized: false };
    case "verify-ca":
      return { ...root, checkServerIdentity: () => undefined };
    case "verify-full":
      return root;
    default:
      throw usageError(
        "postgres(): url",
        `has the unknown sslmode ${JSON.stringify(mode)}`,
        "Use disable, prefer, require, verify-ca or verify-full.",
      );
  }
}

function badUrl(url: string): ExploreError {
  return usageError(
    "postgres(): url",
    `cannot be read: ${url.replace(/(\/\/[^:]*):.*@/, "$1:***@")}`,
    "Write postgresql://user:password@host:port/database?sslmode=…; all but postgresql:// may be left out. " +
      "Write special characters in a password as %xx.",
  );
}

function noServer(): ExploreError {
  return usageError(
    "postgres(): url",
    "was not given, and neither DATABASE_URL nor PGHOST or PGDATABASE names a server",
    'Give e.g. { url: "postgresql://localhost/shop" }.',
  );
}
