import { readFileSync } from "node:fs";
import type { ExploreError } from "../../errors.ts";
import { usageError } from "../../errors.ts";
import { isLoopback, remoteRefused, withoutBrackets } from "../remote.ts";
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

/** The connection string that the environment gives; `undefined` when it names no server. */
export function urlFrom(env: Environment): string | undefined {
  if (isPostgresUrl(env["DATABASE_URL"])) return env["DATABASE_URL"];
  return env["PGHOST"] === undefined && env["PGDATABASE"] === undefined
    ? undefined
    : "postgresql://";
}

/**
 * Reads a connection string; what it leaves out comes from the `PG…` variables, as in every
 * PostgreSQL program.
 *
 * @throws ExploreError `EXPLORE_USAGE` when the string cannot be read.
 */
export function readAddress(url: string, env: Environment, connectionTimeoutMs: number): Address {
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
    encryptions: readEncryptions(query, env),
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

/** The variables by which PostgreSQL's programs find a database. */
export function variablesOf(address: Address, database: string): Readonly<Record<string, string>> {
  const { host, port, user, password, search } = address;
  const sslMode = new URLSearchParams(search).get("sslmode");
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    ...(user !== undefined && { PGUSER: user }),
    ...(password !== undefined && { PGPASSWORD: password }),
    ...(sslMode !== null && { PGSSLMODE: sslMode }),
  };
}

/** Whether a host is this machine, also by the folder of its socket. */
export function isLocal(host: string): boolean {
  return host.startsWith("/") || isLoopback(host);
}

/**
 * Refuses a server on another machine that was not allowed.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE`.
 */
export function refuseRemote(system: string, { host }: Address, allowRemote: boolean): void {
  if (allowRemote || isLocal(host)) return;
  throw remoteRefused(system, host);
}

function decode(text: string | undefined, url: string): string | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(url);
  }
}

/** @see PostgreSQL's manual, "SSL Mode Descriptions" */
function readEncryptions(query: URLSearchParams, env: Environment): Address["encryptions"] {
  const mode = query.get("sslmode") ?? env["PGSSLMODE"] ?? "allow";
  const certificates = {
    ...readCertificate("ca", query.get("sslrootcert") ?? env["PGSSLROOTCERT"]),
    ...readCertificate("cert", query.get("sslcert") ?? env["PGSSLCERT"]),
    ...readCertificate("key", query.get("sslkey") ?? env["PGSSLKEY"]),
  };
  const unverified = { ...certificates, rejectUnauthorized: false };
  const modes: Readonly<Record<string, Address["encryptions"]>> = {
    disable: [false],
    allow: [false, unverified],
    prefer: [unverified, false],
    require: [unverified],
    "no-verify": [unverified],
    "verify-ca": [{ ...certificates, checkServerIdentity: () => undefined }],
    "verify-full": [certificates],
  };
  if (Object.hasOwn(modes, mode)) return modes[mode] ?? [];
  throw usageError(
    "postgres(): url",
    `has the unknown sslmode ${JSON.stringify(mode)}`,
    "Use disable, allow, prefer, require, verify-ca or verify-full.",
  );
}

function readCertificate(
  name: "ca" | "cert" | "key",
  file: string | undefined,
): Readonly<Record<string, string>> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file, "utf8") };
  } catch (error) {
    throw usageError(
      "postgres(): url",
      `names a certificate that cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "Correct sslrootcert, sslcert or sslkey.",
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
