import { rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenConnection, SqliteConnection } from "./driver.ts";

/** Up to this size an image is made in memory, which is three times as fast as page by page. */
const MAX_IN_MEMORY_BYTES = 128 * 2 ** 20;

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

/** Copies what a connection sees, its own uncommitted writes included, into a new file. */
export async function takeImage(connection: SqliteConnection, file: string): Promise<Image> {
  if (databaseBytes(connection) <= MAX_IN_MEMORY_BYTES) {
    await writeFile(file, withoutWal(connection.serialize()));
  } else {
    await copyPages(connection, file, 0);
  }
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
function withoutWal(bytes: Buffer): Buffer {
  bytes.fill(1, 18, 20);
  return bytes;
}
