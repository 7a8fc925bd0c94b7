import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { createServers } from "../../../src/provision/provision.ts";
import { debianServer } from "../debian-servers.ts";

/** A server of the tests' own. */
export interface TestServer {
  /** Connects to a database on it, by TCP: as a user who may do everything, or as one without a password. */
  readonly url: (database?: string, user?: string) => string;
  readonly port: number;
  readonly isMariaDb: boolean;
  /** Runs SQL in a database, each time through a connection of its own. */
  readonly run: (sql: string, database?: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** A server that this machine has. */
export interface ServerProgram {
  /** Its name and version, for titles: `MariaDB 10.11.19`. */
  readonly name: string;
  readonly file: string;
  readonly isMariaDb: boolean;
}

/** The servers that this machine has. MySQL proper is found by EXPLORE_MYSQL_BIN, on PATH, or as `npm run servers:debian` has it. */
export const SERVERS: readonly ServerProgram[] = findServers();

/** Says why no server can be started; `undefined` when one can. */
export function probeMysql(): string | undefined {
  return SERVERS.length > 0
    ? undefined
    : "neither mariadbd nor mysqld is on PATH or in /usr/sbin, and EXPLORE_MYSQL_BIN names no folder with one";
}

/** Starts a server. */
export async function startServer(
  { file, isMariaDb }: ServerProgram,
  more: readonly string[] = [],
): Promise<TestServer> {
  const servers = createServers();
  const args = ["--local-infile=ON", ...more];
  const options = { way: "binary", folder: dirname(file), args } as const;
  const { url: given } = await servers.provide({ kind: "mysql", options }, process.cwd());
  const url = (database = "", user?: string): string => {
    const { host, username, password } = new URL(given);
    return `mysql://${user ?? `${username}:${password}`}@${host}/${database}`;
  };
  return {
    url,
    port: Number(new URL(given).port),
    isMariaDb,
    run: async (sql, database) => {
      const client = await createConnection({ uri: url(database), multipleStatements: true });
      try {
        return (await client.query(sql))[0];
      } finally {
        await client.end();
      }
    },
    stop: servers.stop,
  };
}

function findServers(): readonly ServerProgram[] {
  const folders = [
    process.env["EXPLORE_MYSQL_BIN"] ?? "",
    debianServer("mysql-9").folder,
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/libexec",
  ].filter((folder) => folder !== "");
  const files = folders.flatMap((folder) => [join(folder, "mariadbd"), join(folder, "mysqld")]);
  const found = files.filter((file) => existsSync(file)).flatMap((file) => describeServer(file));
  return found.filter(({ name }, i) => found.findIndex((other) => other.name === name) === i);
}

function describeServer(file: string): readonly ServerProgram[] {
  const { stdout } = spawnSync(file, ["--no-defaults", "--version"], { encoding: "utf8" });
  const version = /Ver (\d+(?:\.\d+)+)/.exec(stdout)?.[1];
  if (version === undefined) return [];
  const isMariaDb = /mariadb/i.test(stdout);
  return [{ name: `${isMariaDb ? "MariaDB" : "MySQL"} ${version}`, file, isMariaDb }];
}

/** Names of databases that our adapter made and has not removed. */
export async function ownDatabases({ run }: TestServer): Promise<readonly string[]> {
  const rows = (await run(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'explore%' ORDER BY 1",
  )) as readonly { readonly name: string }[];
  return rows.map(({ name }) => name);
}
