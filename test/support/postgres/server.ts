import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** A server of the tests' own, in a temporary folder. */
export interface TestServer {
  /** Connects to a database on it, by TCP. */
  readonly url: (database: string) => string;
  /** Its Unix socket's folder. */
  readonly folder: string;
  readonly port: number;
  /** Runs SQL in a database, each time through a connection of its own. */
  readonly run: (sql: string, database?: string) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly pid: () => number;
  /** Starts it again on the data it had, after it was killed. */
  readonly startAgain: () => Promise<void>;
}

/** Where the machine's own PostgreSQL is. */
export const PROGRAM_FOLDER = findPrograms();

/** Says why no server can be started; `undefined` when one can. */
export function probePostgres(): string | undefined {
  return PROGRAM_FOLDER === undefined
    ? "initdb and postgres are neither on PATH, nor in /usr/lib/postgresql/*/bin, nor in EXPLORE_POSTGRES_BIN"
    : undefined;
}

/**
 * Makes a cluster and starts it.
 *
 * @param programs - The folder of another version's programs (`versions.ts`).
 */
export async function startServer(programs = PROGRAM_FOLDER): Promise<TestServer> {
  if (programs === undefined) throw new Error(probePostgres());
  const folder = await mkdtemp(join(tmpdir(), "explore-pg-"));
  const user = await serverUser();
  await chmod(folder, 0o700);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const made = spawnSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "explorer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...user, cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0)
    throw new Error(`initdb failed: ${made.stderr}${made.error?.message ?? ""}`);
  const port = await freePort();
  const url = (database: string): string => `postgresql://explorer@127.0.0.1:${port}/${database}`;
  const run = async (sql: string, database = "postgres"): Promise<void> => {
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };

  async function launch(binaries: string): Promise<ChildProcess> {
    const args = ["-D", data, ...settings(folder, port)];
    const deadline = performance.now() + 20_000;
    for (;;) {
      const child = spawn(join(binaries, "postgres"), args, {
        ...user,
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let printed = "";
      child.stderr.on(
        "data",
        (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)),
      );
      while (child.exitCode === null) {
        try {
          await run("SELECT 1");
          return child;
        } catch (error) {
          if (performance.now() > deadline) throw new Error(printed, { cause: error });
          await sleep(20);
        }
      }
      // The sessions of one that was killed may still be ending.
      if (performance.now() > deadline) throw new Error(`the server did not start: ${printed}`);
      await sleep(50);
    }
  }

  let child = await launch(programs);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill(signal)) await ended;
  };
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.on("exit", killAtExit);
  return {
    url,
    folder,
    port,
    run,
    stop: async () => {
      process.off("exit", killAtExit);
      // Immediate shutdown: nothing in it is needed any more.
      await end("SIGQUIT");
      await rm(folder, { recursive: true, force: true });
    },
    pid: () => child.pid ?? 0,
    startAgain: async () => {
      await end("SIGKILL");
      child = await launch(programs);
    },
  };
}

function settings(folder: string, port: number): readonly string[] {
  return [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    "max_connections=60",
    "shared_buffers=64MB",
  ].flatMap((setting) => ["-c", setting]);
}

function findPrograms(): string | undefined {
  const given = process.env["EXPLORE_POSTGRES_BIN"];
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "postgres"))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)));
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base)
    ? ["18", "17", "16", "15", "14", "13"].map((version) => join(base, version, "bin"))
    : [];
  return [given, ...onPath, ...versions].find(
    (folder) =>
      folder !== undefined &&
      existsSync(join(folder, "initdb")) &&
      existsSync(join(folder, "postgres")),
  );
}

/** PostgreSQL refuses to run as root, so another user of the machine runs it. */
async function serverUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const found = ["postgres", "nobody"].flatMap((name) => users.filter(([known]) => known === name));
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
export async function ownDatabases({ url }: TestServer): Promise<readonly string[]> {
  const client = new Client({ connectionString: url("postgres") });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname LIKE 'explore%' ORDER BY 1",
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}
