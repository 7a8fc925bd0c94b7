import { constants, existsSync } from "node:fs";
import { copyFile, open as openFile } from "node:fs/promises";
import { ExploreError } from "../../errors.ts";
import { transactionOpen } from "./busy.ts";
import type { OpenConnection } from "./driver.ts";
import { isBusy, sqliteCode } from "./driver.ts";
import { copyPages, removeDatabase } from "./image.ts";

/** A copy to be made. */
export interface CopyRequest {
  readonly system: string;
  readonly from: string;
  readonly to: string;
  readonly open: OpenConnection;
  /** How long a writer is waited for. */
  readonly quiescenceMs: number;
}

/** What a database that was not closed leaves beside it. */
const LEFT_OVERS = ["-wal", "-journal"] as const;

/**
 * Copies the user's database as its last commit left it, also while somebody works with it. The
 * original stays as it was byte for byte, and nothing is left beside it.
 */
export async function copyOriginal(request: CopyRequest): Promise<void> {
  const { from, to, system, quiescenceMs } = request;
  if (!existsSync(from)) throw originalMissing(system, from);
  if (!(await canBeOpened(from))) return copyClosed(from, to);
  try {
    await copyThrough(request);
  } catch (cause) {
    // A writer that was killed has left a journal that a reader may not play back: the copy will.
    await removeDatabase(to);
    if (/^SQLITE_(READONLY|CANTOPEN)/.test(sqliteCode(cause))) return copyClosed(from, to);
    if (sqliteCode(cause) === "SQLITE_NOTADB") throw noDatabase(system, from, cause);
    if (isBusy(cause)) {
      throw transactionOpen({ system, file: from, quiescenceMs, verb: "copy the database", cause });
    }
    throw cause;
  }
}

/**
 * Whether a reader's connection would leave no trace. In WAL mode it makes two files and does not
 * remove them, unless they are there already because somebody has the database open.
 */
async function canBeOpened(file: string): Promise<boolean> {
  if (existsSync(`${file}-wal`)) return existsSync(`${file}-shm`);
  // A journal tells the mode without a look into the file: opening and closing it by other means
  // than SQLite's would drop the locks that this process may hold on it.
  return existsSync(`${file}-journal`) || !(await isWal(file));
}

async function isWal(file: string): Promise<boolean> {
  const handle = await openFile(file, "r");
  try {
    // "File format write version" of the header: 2 is WAL.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, 18);
    return bytesRead === 1 && buffer[0] === 2;
  } finally {
    await handle.close();
  }
}

/** Nobody has it open, so its files are at rest; opening the copy recovers what they hold. */
async function copyClosed(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  for (const suffix of LEFT_OVERS) {
    if (existsSync(from + suffix)) await copyFile(from + suffix, to + suffix);
  }
}

async function copyThrough({ from, to, open, quiescenceMs }: CopyRequest): Promise<void> {
  const reader = open(from, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    await copyPages(reader, to, quiescenceMs);
  } finally {
    reader.close();
  }
}

function originalMissing(system: string, file: string): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: there is no database at ${file}.\n` +
      "Correct `path`, or leave it out to start with a new database; `schema` fills it.",
    { details: { system, file } },
  );
}

function noDatabase(system: string, file: string, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: ${file} is no SQLite database, or is encrypted.\nCorrect \`path\`.`,
    { cause, details: { system, file } },
  );
}
