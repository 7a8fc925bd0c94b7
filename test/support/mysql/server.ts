import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { debianServer } from "../debian-servers.ts";

/** A server of the tests' own, in a temporary folder. */
export interface TestServer {
  /** Connects to a database on it, by TCP, as a user who may do everything. */
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

/** Makes a data folder and starts a server in it. */
export async function startServer(program: ServerProgram): Promise<TestServer> {
  const { file, isMariaDb, name } = program;
  const folder = await mkdtemp(join(tmpdir(), "explore-my-"));
  const user = await serverUser();
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  initialize(program, data, { ...user, cwd: folder, encoding: "utf8" });
  const port = await freePort();
  const child = spawn(file, ["--no-defaults", ...settings({ data, folder, port, isMariaDb })], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  child.stderr.on("data", (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)));
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  const url = (database = "", as = "root"): string => `mysql://${as}@127.0.0.1:${port}/${database}`;
  const run = async (sql: string, database?: string): Promise<unknown> => {
    const client = await createConnection({ uri: url(database), multipleStatements: true });
    try {
      return (await client.query(sql))[0];
    } finally {
      await client.end();
    }
  };
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      await run("SELECT 1");
      break;
    } catch (error) {
      if (performance.now() > deadline || child.exitCode !== null) {
        throw new Error(`${name} did not start: ${printed}`, { cause: error });
      }
      await sleep(20);
    }
  }
  return {
    url,
    port,
    isMariaDb,
    run,
    stop: async () => {
      process.off("exit", kill);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      // Nothing in it is needed any more.
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function initialize({ file, isMariaDb }: ServerProgram, data: string, options: object): void {
  const made = isMariaDb
    ? spawnSync(
        "mariadb-install-db",
        [
          "--no-defaults",
          `--datadir=${data}`,
          "--auth-root-authentication-method=normal",
          "--skip-test-db",
        ],
        options,
      )
    : spawnSync(
        file,
        [
          "--no-defaults",
          "--initialize-insecure",
          `--datadir=${data}`,
          "--secure-file-priv=",
          "--innodb-redo-log-capacity=8M",
        ],
        options,
      );
  if (made.status === 0) return;
  throw new Error(
    `no data folder could be made: ${String(made.stderr)}${made.error?.message ?? ""}`,
  );
}

function settings(server: {
  readonly data: string;
  readonly folder: string;
  readonly port: number;
  readonly isMariaDb: boolean;
}): readonly string[] {
  const { data, folder, port, isMariaDb } = server;
  return [
    `--datadir=${data}`,
    `--port=${port}`,
    `--socket=${join(folder, "s")}`,
    `--pid-file=${join(folder, "pid")}`,
    "--bind-address=127.0.0.1",
    "--secure-file-priv=",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=64M",
    "--local-infile=ON",
    ...(isMariaDb
      ? ["--debug-no-sync", "--skip-name-resolve", "--character-set-server=utf8mb4"]
      : ["--mysqlx=OFF", "--sync-binlog=0", "--innodb-redo-log-capacity=8M"]),
  ];
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

/** The servers refuse to run as root, so another user of the machine runs them. */
async function serverUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const found = ["mysql", "nobody"].flatMap((name) => users.filter(([known]) => known === name));
  const [uid, gid] = found[0]?.slice(2, 4).map(Number) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Names of databases that our adapter made and has not removed. */
export async function ownDatabases({ run }: TestServer): Promise<readonly string[]> {
  const rows = (await run(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'explore%' ORDER BY 1",
  )) as readonly { readonly name: string }[];
  return rows.map(({ name }) => name);
}
