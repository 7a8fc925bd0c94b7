import { readFileSync } from "node:fs";
import type { ExploreError } from "../../errors.ts";
import { usageError } from "../../errors.ts";
import { isLoopback, remoteRefused, withoutBrackets } from "../remote.ts";
import type { ServerAddress } from "./driver.ts";
import type { ReadOptions } from "./options.ts";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A server and the database that was named on it. */
export interface Address extends ServerAddress {
  /** `undefined`: none was named. */
  readonly database: string | undefined;
  /** The query of the connection string, `?` included; it goes on to the app. */
  readonly search: string;
}

const SHAPE =
  /^(?:mysql|mysql2|mariadb):\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<host>\[[^\]]*\]|[^:/?@]*)(?::(?<port>\d*))?(?:\/(?<database>[^?]*))?(?<search>\?.*)?$/;

/** Whether a text is a connection string of MySQL or MariaDB. */
export function isMysqlUrl(text: string | undefined): text is string {
  return text !== undefined && /^(mysql|mysql2|mariadb):\/\//.test(text);
}

/** The connection string that the environment gives; `undefined` when it names no server. */
export function urlFrom(env: Environment): string | undefined {
  return [env["MYSQL_URL"], env["DATABASE_URL"]].find(isMysqlUrl);
}

/** What may be given instead of a connection string, or to complete one. */
export type AddressParts = Pick<
  ReadOptions,
  "host" | "port" | "user" | "password" | "database" | "connectionTimeoutMs"
>;

/**
 * Reads a connection string; options that name a part of it win.
 *
 * @throws ExploreError `EXPLORE_USAGE` when the string cannot be read.
 */
export function readAddress(url: string, given: AddressParts): Address {
  const parts = SHAPE.exec(url)?.groups;
  if (parts === undefined) throw badUrl(url);
  const search = parts["search"] ?? "";
  const query = new URLSearchParams(search);
  const named = {
    host: decode(parts["host"], url),
    port: Number(parts["port"] || "3306"),
    user: decode(parts["user"], url),
    password: decode(parts["password"], url),
    database: decode(parts["database"], url),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  // A host that is given besides says that the string's socket is not meant.
  const socketPath = given.host === undefined ? socketOf(query) : undefined;
  return {
    ...named,
    host: withoutBrackets(named.host ?? "localhost"),
    socketPath,
    ssl: readSsl(query),
    connectionTimeoutMs: given.connectionTimeoutMs,
    search,
  };
}

function socketOf(query: URLSearchParams): string | undefined {
  return query.get("socketPath") ?? query.get("socket") ?? undefined;
}

/** Writes the connection string of another database on the same server, for an app. */
export function urlOf(address: Address, database: string): string {
  const { host, port, user, password, search } = address;
  const credentials =
    user === undefined
      ? ""
      : `${encodeURIComponent(user)}${password === undefined ? "" : `:${encodeURIComponent(password)}`}@`;
  const where = host.includes(":") ? `[${host}]` : host;
  return `mysql://${credentials}${where}:${port}/${encodeURIComponent(database)}${search}`;
}

/** Variables by which programs find a database, besides `DATABASE_URL`. */
export function variablesOf(address: Address, database: string): Readonly<Record<string, string>> {
  const { host, port, user, password } = address;
  return {
    MYSQL_URL: urlOf(address, database),
    MYSQL_HOST: host,
    MYSQL_PORT: String(port),
    MYSQL_TCP_PORT: String(port),
    MYSQL_DATABASE: database,
    ...(user !== undefined && { MYSQL_USER: user }),
    ...(password !== undefined && { MYSQL_PASSWORD: password, MYSQL_PWD: password }),
  };
}

/**
 * Refuses a server on another machine that was not allowed.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE`.
 */
export function refuseRemote(system: string, address: Address, allowRemote: boolean): void {
  const { host, socketPath } = address;
  if (allowRemote || socketPath !== undefined || isLoopback(host)) return;
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

/** What the names mean that MySQL's programs, mysql2 and ORMs give to encryption. */
const SSL: Readonly<Record<string, Address["ssl"]>> = {
  disabled: undefined,
  disable: undefined,
  false: undefined,
  // The driver cannot ask for encryption and go on without it.
  preferred: undefined,
  prefer: undefined,
  required: { rejectUnauthorized: false },
  require: { rejectUnauthorized: false },
  true: { rejectUnauthorized: false },
  verify_ca: { verifyIdentity: false },
  verify_identity: { verifyIdentity: true },
  verify_full: { verifyIdentity: true },
};

function readSsl(query: URLSearchParams): Address["ssl"] {
  const mode = query.get("ssl-mode") ?? query.get("sslmode") ?? query.get("ssl") ?? "disabled";
  if (mode.startsWith("{")) return readJson(mode);
  const name = mode.toLowerCase().replaceAll("-", "_");
  if (!Object.hasOwn(SSL, name)) {
    throw usageError(
      "mysql(): url",
      `has the unknown ssl-mode ${JSON.stringify(mode)}`,
      "Use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.",
    );
  }
  const file = query.get("ssl-ca");
  return SSL[name] && { ...SSL[name], ...(file !== null && { ca: readFileSync(file, "utf8") }) };
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw usageError("mysql(): url", `has an ssl that is no JSON: ${text}`, "Correct it.");
  }
}

function badUrl(url: string): ExploreError {
  return usageError(
    "mysql(): url",
    `cannot be read: ${url.replace(/(\/\/[^:]*):.*@/, "$1:***@")}`,
    "Write mysql://user:password@host:port/database; all but mysql:// may be left out. " +
      "Write special characters in a password as %xx.",
  );
}
