import { existsSync } from "node:fs";
import { link, open as openFile, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf, ExploreError } from "../../errors.ts";
import { transactionOpen } from "./busy.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";
import { isBusy } from "./driver.ts";
import { writersOf } from "./holders.ts";
import { copyPages, removeDatabase } from "./image.ts";

/** A database of the user's that we work in. */
export interface TestDatabaseRequest {
  readonly system: string;
  readonly file: string;
  readonly open: OpenConnection;
  readonly quiescenceMs: number;
}

/** A test database that is safe to work in. */
export interface TestDatabase {
  /** Makes it what it was, and removes the base copy. */
  readonly putBack: () => Promise<void>;
}

/** Tries to win the base copy against a run that is just ending. */
const MAX_TRIES = 5;

/**
 * Makes a base copy beside the user's database before anything is written to it. A base copy that
 * is there already was left by a run that was killed: the database is made what it was first.
 *
 * @throws ExploreError `EXPLORE_DATABASE_LOCKED` when another run works in it.
 */
export async function prepareTestDatabase(request: TestDatabaseRequest): Promise<TestDatabase> {
  const { file } = request;
  if (!existsSync(file)) throw fileMissing(request);
  const base = `${file}.explore-base`;
  const putBack = (): Promise<void> =>
    copyAll(request, { from: base, to: file, verb: "put the test database back" });
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const isLeft = existsSync(base);
    if (!isLeft) await makeBase(request, base);
    const guard = own(request, base);
    // A run that ended meanwhile has removed it, so what we own is no longer the base copy.
    if (guard === undefined || !existsSync(base)) {
      guard?.close();
      continue;
    }
    if (isLeft) {
      await putBack().catch((error: unknown) => {
        guard.close();
        throw error;
      });
    }
    return {
      putBack: async () => {
        try {
          await putBack();
          await removeDatabase(base);
        } finally {
          guard.close();
        }
      },
    };
  }
  throw inUse(request, base);
}

/** Holds a lock on the base copy that ends with this process, however it ends. */
function own(request: TestDatabaseRequest, base: string): SqliteConnection | undefined {
  let guard: SqliteConnection | undefined;
  try {
    guard = request.open(base, { fileMustExist: true, timeout: 0 });
    guard.exec("BEGIN IMMEDIATE");
    return guard;
  } catch (cause) {
    guard?.close();
    if (!existsSync(base)) return undefined;
    throw isBusy(cause) ? inUse(request, base, cause) : cause;
  }
}

/** The base copy appears whole or not at all, and never replaces another one. */
async function makeBase(request: TestDatabaseRequest, base: string): Promise<void> {
  const { file, open } = request;
  await removeDeadDrafts(base);
  const draft = `${base}.${process.pid}.tmp`;
  await copyAll(request, { from: file, to: draft, verb: "make the base copy" });
  const copy = open(draft, { fileMustExist: true });
  // Otherwise its lock would be in a file of its own.
  copy.pragma("journal_mode = DELETE");
  copy.close();
  await flush(draft);
  try {
    await link(draft, base);
    await rm(draft);
  } catch (error) {
    if (codeOf(error) === "EEXIST") await rm(draft);
    // Some file systems have no links.
    else await rename(draft, base);
  }
  await flush(dirname(base)).catch(() => {
    // Some systems cannot flush a folder; only a power cut at this very moment makes a difference.
  });
}

/** Drafts of runs that were killed before their base copy was whole. */
async function removeDeadDrafts(base: string): Promise<void> {
  const folder = dirname(base);
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(`${basename(base)}.`) ? /\.(\d+)\.tmp/.exec(name)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return codeOf(error) === "EPERM";
  }
}

async function flush(path: string): Promise<void> {
  const handle = await openFile(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

interface Copying {
  readonly from: string;
  readonly to: string;
  /** Completes "cannot …". */
  readonly verb: string;
}

async function copyAll(request: TestDatabaseRequest, { from, to, verb }: Copying): Promise<void> {
  const { system, file, open, quiescenceMs } = request;
  const source = open(from, { fileMustExist: true, timeout: 0 });
  try {
    await copyPages(source, to, quiescenceMs);
  } catch (cause) {
    throw isBusy(cause) ? transactionOpen({ system, file, quiescenceMs, verb, cause }) : cause;
  } finally {
    source.close();
  }
}

function fileMissing({ system, file }: TestDatabaseRequest): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: there is no test database at ${file}.\nCreate it first, or correct \`path\`.`,
    { details: { system, file } },
  );
}

function inUse({ system, file }: TestDatabaseRequest, base: string, cause?: unknown): ExploreError {
  const [holder] = writersOf(base);
  const who = holder === undefined ? "another process" : `process ${holder.pid}: ${holder.command}`;
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: another run, or another test file or \`createTest\` of this one, works in the test database.\n` +
      `  database: ${file}\n` +
      `  used by:  ${who}\n` +
      "Wait until it has ended, keep Vitest to one file at a time (`fileParallelism: false`) with one `createTest` each, or remove `testDatabase`: then everybody works in a copy of their own.",
    { cause, details: { system, file } },
  );
}
