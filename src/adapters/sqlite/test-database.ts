import { existsSync } from "node:fs";
import { link, open as openFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ExploreError } from "../../errors.ts";
import { transactionOpen } from "./busy.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";
import { isBusy } from "./driver.ts";
import { writersOf } from "./holders.ts";
import { copyPages, removeDatabase, takeImage } from "./image.ts";

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
  const { file, open } = request;
  if (!existsSync(file)) throw fileMissing(request);
  const base = `${file}.explore-base`;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const isLeft = existsSync(base);
    if (!isLeft) await makeBase(request, base);
    const guard = own(request, base);
    // A run that ended meanwhile has removed it, so what we own is no longer the base copy.
    if (guard === undefined || !existsSync(base)) {
      guard?.close();
      continue;
    }
    if (isLeft) await copyBack(request, guard);
    return {
      putBack: async () => {
        await copyBack(request, guard);
        await removeDatabase(base);
        guard.close();
      },
    };
  }
  throw inUse(request, base);

  /** Holds a lock on the base copy that ends with this process, however it ends. */
  function own({ file }: TestDatabaseRequest, base: string): SqliteConnection | undefined {
    let guard: SqliteConnection | undefined;
    try {
      guard = open(base, { fileMustExist: true, timeout: 0 });
      guard.exec("BEGIN IMMEDIATE");
      return guard;
    } catch (cause) {
      guard?.close();
      if (!existsSync(base)) return undefined;
      throw isBusy(cause) ? inUse({ ...request, file }, base, cause) : cause;
    }
  }
}

/** The base copy appears whole or not at all, and never replaces another one. */
async function makeBase({ file, open }: TestDatabaseRequest, base: string): Promise<void> {
  const draft = `${base}.${process.pid}.tmp`;
  const original = open(file, { fileMustExist: true, timeout: 0 });
  try {
    await takeImage(original, draft);
  } finally {
    original.close();
  }
  await flush(draft);
  try {
    await link(draft, base);
    await rm(draft);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") await rm(draft);
    // Some file systems have no links.
    else await rename(draft, base);
  }
  await flush(dirname(base)).catch(() => {
    // Some systems cannot flush a folder; only a power cut at this very moment makes a difference.
  });
}

async function flush(path: string): Promise<void> {
  const handle = await openFile(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copyBack(request: TestDatabaseRequest, base: SqliteConnection): Promise<void> {
  const { system, file, quiescenceMs } = request;
  try {
    await copyPages(base, file, quiescenceMs);
  } catch (cause) {
    if (!isBusy(cause)) throw cause;
    throw transactionOpen({
      system,
      file,
      quiescenceMs,
      verb: "put the test database back",
      cause,
    });
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
    `${system}: another run works in the test database.\n` +
      `  database: ${file}\n` +
      `  used by:  ${who}\n` +
      "Wait until it has ended, or remove `testDatabase`: then every run works in a copy of its own.",
    { cause, details: { system, file } },
  );
}
