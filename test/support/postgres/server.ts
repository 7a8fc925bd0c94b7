import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { endWithOwner } from "../../../src/provision/programs/end-with-owner.ts";
import { findProgram } from "../../../src/provision/programs/find-program.ts";
import { createServers } from "../../../src/provision/provision.ts";
import { POSTGRES } from "../../../src/provision/servers/postgres.ts";
import { processesIn } from "../process-table.ts";

/** A server of the tests' own, as a user's would be: it is named by its URL. */
export interface TestServer {
  /** Connects to a database on it, by TCP, as one who may do everything. */
  readonly url: (database: string) => string;
  readonly port: number;
  /** Runs SQL in a database, each time through a connection of its own. */
  readonly run: (sql: string, database?: string) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly pid: () => number;
  /** Kills it and starts it again on the data it had, as its owner would. Linux only. */
  readonly startAgain: () => Promise<void>;
}

// Another PostgreSQL than the one that the product finds.
const { EXPLORE_POSTGRES_BIN } = process.env;

/** Where the machine's own PostgreSQL is. */
export const PROGRAM_FOLDER = findOwn().folder;

/** Says why no server can be started; `undefined` when one can. */
export function probePostgres(): string | undefined {
  return findOwn().problem;
}

function findOwn(): { readonly folder?: string; readonly problem?: string } {
  try {
    return { folder: findProgram(POSTGRES, EXPLORE_POSTGRES_BIN).folder };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Starts a server.
 *
 * @param folder - That of another version's programs (`versions.ts`).
 */
export async function startServer(folder = PROGRAM_FOLDER): Promise<TestServer> {
  if (folder === undefined) throw new Error(probePostgres());
  const servers = createServers();
  const request = { kind: "postgres", options: { way: "binary", folder } } as const;
  const { url: given } = await servers.provide(request, process.cwd());
  const url = (database: string): string => new URL(`/${database}`, given).href;
  const data = await dataFolder(given);
  const pid = (): number =>
    Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  const launch = remember(pid(), data);
  return {
    url,
    port: Number(new URL(given).port),
    run: async (sql, database = "postgres") => void (await query(url(database), sql)),
    stop: servers.stop,
    pid,
    startAgain: async () => {
      await killAll(dirname(data));
      launch();
      await untilItAnswers(given);
    },
  };
}

async function dataFolder(url: string): Promise<string> {
  const [row] = await query<{ data_directory: string }>(url, "SHOW data_directory");
  return row?.data_directory ?? "";
}

async function query<Row extends object>(url: string, sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** How to start a server's process once more, on the data that it has. */
function remember(pid: number, data: string): () => void {
  if (!existsSync(`/proc/${pid}/cmdline`)) return () => {};
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  const { uid, gid } = statSync(data);
  return () => {
    const [program = "", ...args] = endWithOwner(command, "SIGQUIT");
    const own = uid === process.getuid?.() ? {} : { uid, gid };
    spawn(program, args, { ...own, cwd: dirname(data), stdio: "ignore" }).unref();
  };
}

const TRIES = 400;

/** A server's sessions may outlive it for a moment. */
async function killAll(folder: string): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const running = processesIn(folder);
    if (running.length === 0) return;
    for (const { pid } of running) kill(pid);
    await sleep(50);
  }
  throw new Error(`processes in ${folder} did not end`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended since it was found.
  }
}

async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await query(url, "SELECT 1");
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
      await sleep(50);
    }
  }
}

/** Names of databases that our adapter made and has not removed. */
export async function ownDatabases({ url }: TestServer): Promise<readonly string[]> {
  const rows = await query<{ datname: string }>(
    url("postgres"),
    "SELECT datname FROM pg_database WHERE datname LIKE 'explore%' ORDER BY 1",
  );
  return rows.map(({ datname }) => datname);
}
