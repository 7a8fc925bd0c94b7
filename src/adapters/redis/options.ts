import { show, usageError } from "../../errors.ts";
import type { OptionRule, OptionRules } from "../../option-rules.ts";
import { BOOLEAN, checkOptions, isWholeNumber, MILLISECONDS, oneOf } from "../../option-rules.ts";
import type { ServerOptions } from "../../provision/server-request.ts";
import { isLoopback, withoutBrackets } from "../remote.ts";
import { checkServerOptions, SERVER } from "../../provision/server-options.ts";

/** The ways to roll a database back. */
export const ISOLATIONS = ["auto", "touched", "copy", "dump"] as const;

/** A way to roll a database back, as the user writes it. */
export type RedisIsolation = (typeof ISOLATIONS)[number];

/**
 * What `redis` takes. `url` or `host` says which server, else the environment variable `REDIS_URL`,
 * else a server is found or started on this machine.
 */
export interface RedisOptions {
  /**
   * `redis://user:password@host:port/db`, `rediss://…` for TLS, or `unix:///path/of.sock?db=1`.
   */
  readonly url?: string;
  /** Have a server started, whatever the environment names, and how. Not with `url` or `host`. */
  readonly server?: ServerOptions;
  readonly host?: string;
  /** Default: 6379. */
  readonly port?: number;
  /**
   * The logical database. Default: the first that is empty and that nobody else explores.
   */
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  /**
   * How the database is rolled back. `touched`: the keys that anybody has changed. `copy`: the server
   * copies all keys to a second database and back. `dump`: all keys are read at every checkpoint and
   * written at every rollback. Default: `auto`.
   */
  readonly isolation?: RedisIsolation;
  /** Work in a database that holds keys, and put them back as they were when the run ends. */
  readonly testDatabase?: boolean;
  /** Work on a server that is not on this machine. */
  readonly allowRemote?: boolean;
  /** Milliseconds that a checkpoint or rollback waits for writes to end. Default: 2000. */
  readonly quiescenceMs?: number;
  /** Milliseconds that connecting may take. Default: 5000. */
  readonly connectionTimeoutMs?: number;
}

/** Where a server listens, and as whom to log in. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  /** The path of a Unix socket, which takes the place of host and port. */
  readonly socket: string | undefined;
}

/** The options with every default filled in. */
export interface ReadOptions {
  /** Absent where neither the user nor the environment names a server. */
  readonly address: ServerAddress | undefined;
  /** How a server is to be started then. */
  readonly server: ServerOptions;
  /** Absent: the first free one. */
  readonly db: number | undefined;
  readonly isolation: RedisIsolation;
  readonly testDatabase: boolean;
  readonly allowRemote: boolean;
  readonly quiescenceMs: number;
  readonly connectionTimeoutMs: number;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const TEXT: OptionRule = {
  must: "a text that is not empty",
  holds: isText,
  cure: "Leave it out when the server asks for none.",
};

const RULES: OptionRules<RedisOptions> = {
  url: {
    must: "a URL that begins with redis://, rediss:// or unix://",
    holds: (value) =>
      typeof value === "string" && /^(rediss?|unix):\/\//.test(value) && URL.canParse(value),
    cure: 'Give e.g. "redis://127.0.0.1:6379/5".',
    isSecret: true,
  },
  host: { must: "the name of a host", holds: isText, cure: 'Give e.g. "127.0.0.1".' },
  port: {
    must: "a port from 1 to 65535",
    holds: isWholeNumber(1, 65_535),
    cure: "Give e.g. 6379.",
  },
  server: SERVER,
  db: {
    must: "the number of a logical database",
    holds: isWholeNumber(0, 2 ** 31 - 1),
    cure: "Give e.g. 5, or leave it out to have a free one chosen.",
  },
  username: TEXT,
  password: { ...TEXT, isSecret: true },
  isolation: oneOf(ISOLATIONS, "Leave it out to have the best one chosen."),
  testDatabase: BOOLEAN,
  allowRemote: BOOLEAN,
  quiescenceMs: MILLISECONDS,
  connectionTimeoutMs: MILLISECONDS,
};

/**
 * Checks what the user gave to `redis`.
 *
 * @param environment - Where `REDIS_URL` is looked for.
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown, wrong or in conflict.
 */
export function readOptions(value: unknown, environment: NodeJS.ProcessEnv): ReadOptions {
  const options = checkOptions<RedisOptions>(
    "redis()",
    value,
    RULES,
    '{ host: "127.0.0.1", db: 5 }',
  );
  checkServerOptions("redis(): server", options.server);
  const { address, db } = placeOf(options, environment);
  const given = { ...DEFAULTS, ...options };
  if (given.testDatabase && db === undefined) {
    throw usageError(
      "redis(): testDatabase: true",
      "needs the number of a database",
      "Give `db`, or remove testDatabase.",
    );
  }
  const { server, isolation, testDatabase, allowRemote, quiescenceMs, connectionTimeoutMs } = given;
  return {
    address,
    server,
    db,
    isolation,
    testDatabase,
    allowRemote,
    quiescenceMs,
    connectionTimeoutMs,
  };
}

function placeOf(options: RedisOptions, { REDIS_URL: named = "" }: NodeJS.ProcessEnv): Place {
  const { url, host, server } = options;
  if (server !== undefined && (url !== undefined || host !== undefined)) {
    throw usageError(
      "redis(): server",
      `has a server started, and ${url === undefined ? "host" : "url"} names one`,
      "Give only one of them.",
    );
  }
  if (url !== undefined) return fromUrl({ ...options, url });
  if (host !== undefined) return fromParts({ ...options, host });
  refuseWithoutHost(options);
  if (server !== undefined || named === "") return fromNowhere(options);
  if (!RULES.url.holds(named)) throw wrongEnvironment();
  return fromUrl({ ...options, url: named });
}

function refuseWithoutHost({ port, username, password }: RedisOptions): void {
  for (const [name, option] of Object.entries({ port, username, password })) {
    if (option === undefined) continue;
    throw usageError(`redis(): ${name}`, "is given without host", 'Give e.g. host: "127.0.0.1".');
  }
}

/** A server is started, so that there is nothing on it yet. */
function fromNowhere({ db, testDatabase }: RedisOptions): Place {
  if (testDatabase !== true) return { address: undefined, db };
  throw usageError(
    "redis(): testDatabase: true",
    "names no server that holds the database",
    "Give `url` or `host`, or set REDIS_URL.",
  );
}

function wrongEnvironment(): Error {
  return usageError(
    "redis(): the environment variable REDIS_URL",
    `must be ${RULES.url.must}`,
    "Correct it, or give `url`.",
  );
}

/** Reads the URL of a server that was started for us. */
export function addressOfUrl(url: string): ServerAddress {
  return addressOf(new URL(url));
}

const DEFAULTS = {
  server: {},
  isolation: "auto",
  testDatabase: false,
  allowRemote: false,
  quiescenceMs: 2000,
  connectionTimeoutMs: 5000,
} as const;

interface Place {
  readonly address: ServerAddress | undefined;
  readonly db: number | undefined;
}

function fromParts({
  host,
  port = 6379,
  username,
  password,
  db,
}: RedisOptions & { readonly host: string }): Place {
  return { address: { host, port, username, password, tls: false, socket: undefined }, db };
}

function fromUrl(options: RedisOptions & { readonly url: string }): Place {
  const { url, db: given } = options;
  for (const name of ["host", "port", "username", "password"] as const) {
    if (options[name] === undefined) continue;
    throw usageError(
      `redis(): ${name}`,
      "is given twice, since url tells it",
      "Give only one of them.",
    );
  }
  const parsed = new URL(url);
  const db = databaseOf(parsed);
  if (db !== undefined && given !== undefined && db !== given) {
    throw usageError(
      `redis(): db: ${given}`,
      `contradicts url, which says ${db}`,
      "Give only one.",
    );
  }
  return { address: addressOf(parsed), db: db ?? given };
}

function databaseOf({ protocol, pathname, searchParams }: URL): number | undefined {
  const path = protocol === "unix:" ? "" : pathname.slice(1);
  const named = path === "" ? (searchParams.get("db") ?? "") : path;
  if (/^\d+$/.test(named)) return Number(named);
  if (named === "") return undefined;
  throw usageError(
    "redis(): url",
    `must end with the number of a database, got ${show(named)}`,
    'Give e.g. "redis://127.0.0.1:6379/5".',
  );
}

function addressOf({ protocol, hostname, port, username, password, pathname }: URL): ServerAddress {
  return {
    host: withoutBrackets(hostname) || "127.0.0.1",
    port: port === "" ? 6379 : Number(port),
    username: textOf(username),
    password: textOf(password),
    tls: protocol === "rediss:",
    socket: protocol === "unix:" ? textOf(pathname) : undefined,
  };
}

function textOf(part: string): string | undefined {
  return part === "" ? undefined : decodeURIComponent(part);
}

/** The URL of a logical database, for an app's configuration. */
export function urlOf(address: ServerAddress, db: number): string {
  const { host, port, username = "", password, tls, socket } = address;
  const login =
    password === undefined
      ? ""
      : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  if (socket !== undefined) return `unix://${login}${encodeURI(socket)}?db=${db}`;
  const name = host.includes(":") ? `[${host}]` : host;
  return `${tls ? "rediss" : "redis"}://${login}${name}:${port}/${db}`;
}

/** Whether a server is on this machine. */
export function isLocal({ host, socket }: ServerAddress): boolean {
  return socket !== undefined || isLoopback(host);
}
