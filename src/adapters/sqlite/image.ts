import { rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ExploreError } from "../../errors.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";

/** The largest database of which an image can be made: it is put together in memory. */
const MAX_IMAGE_BYTES = 2 ** 30;

/** A full copy of a database at one moment, in a file of its own. */
export interface Image {
  readonly file: string;
  readonly remove: () => Promise<void>;
}

/** The size of a database, in bytes. */
export function databaseBytes(connection: SqliteConnection): number {
  const pragma = (name: string): number => connection.pragma(name, { simple: true }) as number;
  return pragma("main.page_count") * pragma("main.page_size");
}

/**
 * Copies what a connection sees, its own uncommitted writes included, into a new file.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when the database is larger than 1 GiB.
 */
export async function takeImage(connection: SqliteConnection, file: string): Promise<Image> {
  const bytes = databaseBytes(connection);
  if (bytes > MAX_IMAGE_BYTES) throw tooLarge(connection.name, bytes);
  // Page by page it would be three times as slow, and impossible inside our own transaction.
  await writeFile(file, withoutWal(connection.serialize()));
  return { file, remove: () => removeDatabase(file) };
}

/**
 * Makes the live database equal to an image, for all connections that have it open. Never by
 * writing the file: that is unseen by, or destroys, a database that somebody has open.
 *
 * @param waitMs - How long readers and writers are waited for.
 */
export async function restoreImage(
  open: OpenConnection,
  { file }: Pick<Image, "file">,
  { live, waitMs }: { readonly live: string; readonly waitMs: number },
): Promise<void> {
  const image = open(file, { fileMustExist: true });
  try {
    await copyPages(image, live, waitMs);
  } finally {
    image.close();
  }
}

/**
 * Copies a database page by page.
 *
 * @param waitMs - How long a locked target is waited for; a locked target that stays so is an error
 * with the code `SQLITE_BUSY`.
 */
export async function copyPages(from: SqliteConnection, to: string, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  const giveUpWhenLate = (): void => {
    if (performance.now() < deadline) return;
    throw Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
  };
  for (;;) {
    let steps = 0;
    const progress = (): number => {
      // A few steps are always allowed: a large copy is not a locked one.
      if ((steps += 1) > 3) giveUpWhenLate();
      // All pages in one step: between two steps a writer could make the copy start again. The
      // very first step of the driver copies nothing.
      return 0x7fffffff;
    };
    const { totalPages } = await from.backup(to, { progress });
    // The driver takes "locked before the first page" for "no pages remain".
    if (totalPages > 0) return;
    giveUpWhenLate();
    await sleep(5);
  }
}

/** Deletes a database with everything that SQLite puts beside it. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(file + suffix, { force: true });
}

/** Marks the bytes of a database as not in WAL mode, so that opening it makes no files beside it. */
function withoutWal(bytes: Uint8Array): Uint8Array {
  bytes.fill(1, 18, 20);
  return bytes;
}

function tooLarge(file: string, bytes: number): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `A copy of the database is needed, and it is too large for that.\n` +
      `  database: ${file}\n` +
      `  size:     ${Math.round(bytes / 2 ** 20)} MiB; at most ${MAX_IMAGE_BYTES / 2 ** 20} MiB can be copied\n` +
      'Use a smaller database, or `isolation: "undo"` without virtual tables and schema changes.',
    { details: { file, bytes } },
  );
}
