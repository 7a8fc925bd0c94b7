import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
/** `f_type` of a file system in memory, by statfs(2). */
const TMPFS = 0x01021994;
/** Below this, a large database could fill it. */
const ROOM_BYTES = 4 * 1024 ** 3;

/**
 * The folder for temporary files where servers keep their data. Nothing of it outlives them, and a
 * database is hundreds of files, which ext4 makes ten times slower than memory does when as many
 * were removed lately. So it is in memory where that is large; `TMPDIR` overrides this.
 */
export function dataPlace(): string {
  return process.env["TMPDIR"] === undefined && hasRoom() ? MEMORY : tmpdir();
}

/** Where earlier runs may have kept theirs. */
export function dataPlaces(): readonly string[] {
  const own = `vitest-explore-${process.getuid?.() ?? "user"}`;
  return existsSync(join(MEMORY, own)) ? [tmpdir(), MEMORY] : [tmpdir()];
}

function hasRoom(): boolean {
  try {
    const { type, bsize, bavail } = statfsSync(MEMORY);
    return type === TMPFS && bsize * bavail >= ROOM_BYTES;
  } catch {
    return false;
  }
}
