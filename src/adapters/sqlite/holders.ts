import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** A process that uses a database file. */
export interface Holder {
  readonly pid: number;
  /** Its command line; empty when it may not be read. */
  readonly command: string;
}

/** First of the two bytes that a writer locks in a rollback-journal database (`PENDING_BYTE`). */
const PENDING_BYTE = 0x40000000;
/** The byte of the `-shm` file that a writer locks in WAL mode (`WAL_WRITE_LOCK`). */
const WAL_WRITE_BYTE = 120;

/** The bytes that readers of a rollback-journal database lock (`SHARED_FIRST`, `SHARED_SIZE`). */
const SHARED_BYTES = { from: PENDING_BYTE + 2, to: PENDING_BYTE + 511 } as const;

/**
 * Names the processes that hold a write lock on a database.
 *
 * @returns Empty when nobody does, and where `/proc/locks` does not exist.
 * @see https://www.sqlite.org/walformat.html#wal_locks
 */
export function writersOf(file: string): readonly Holder[] {
  return lockers("WRITE", [
    { inode: inodeOf(file), from: PENDING_BYTE, to: PENDING_BYTE + 1 },
    { inode: inodeOf(`${file}-shm`), from: WAL_WRITE_BYTE, to: WAL_WRITE_BYTE },
  ]);
}

/**
 * Names the other processes whose reading keeps a rollback-journal database from being written.
 *
 * @returns Empty when nobody does, and where `/proc/locks` does not exist.
 */
export function readersOf(file: string): readonly Holder[] {
  const readers = lockers("READ", [{ inode: inodeOf(file), ...SHARED_BYTES }]);
  return readers.filter(({ pid }) => pid !== process.pid);
}

interface LockedBytes {
  readonly inode: number | undefined;
  readonly from: number;
  readonly to: number;
}

function lockers(kind: "READ" | "WRITE", wanted: readonly LockedBytes[]): readonly Holder[] {
  const pids = new Set<number>();
  for (const line of readOr("/proc/locks").split("\n")) {
    // "7: POSIX  ADVISORY  WRITE 4711 08:01:131 120 120"
    const lock = /(WRITE|READ)\s+(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+|EOF)/.exec(line);
    if (lock === null || lock[1] !== kind) continue;
    const [inode, from] = [Number(lock[3]), Number(lock[4])];
    const to = lock[5] === "EOF" ? Infinity : Number(lock[5]);
    const isHit = wanted.some((it) => it.inode === inode && from <= it.to && to >= it.from);
    if (isHit) pids.add(Number(lock[2]));
  }
  return [...pids].map(holder);
}

/**
 * Names the processes that have a database file open, this one included.
 *
 * @returns `undefined` when it cannot be found out on this system.
 */
export function holdersOf(file: string): readonly Holder[] | undefined {
  const pids = process.platform === "linux" ? openIn(file) : listOpen(file);
  return pids?.map(holder);
}

function openIn(file: string): readonly number[] | undefined {
  const wanted = inodeOf(file);
  if (wanted === undefined) return [];
  const pids = namesIn("/proc").filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return undefined;
  return pids
    .filter((pid) =>
      namesIn(`/proc/${pid}/fd`).some((fd) => {
        const path = `/proc/${pid}/fd/${fd}`;
        try {
          // Sockets and pipes have inode numbers of their own kind.
          return readlinkSync(path).startsWith("/") && statSync(path).ino === wanted;
        } catch {
          return false; // closed meanwhile
        }
      }),
    )
    .map(Number);
}

function listOpen(file: string): readonly number[] | undefined {
  try {
    const printed = execFileSync("lsof", ["-t", "--", file], { encoding: "utf8", stdio: "pipe" });
    return printed.split("\n").filter(Boolean).map(Number);
  } catch (error) {
    // lsof answers 1 when nobody has the file open.
    const { status } = error as { readonly status?: number };
    return status === 1 ? [] : undefined;
  }
}

function holder(pid: number): Holder {
  const command = readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  const own = pid === process.pid ? "this process" : command;
  return { pid, command: own === "" ? "(unknown)" : own.slice(0, 200) };
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // ended meanwhile, or another user's
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
