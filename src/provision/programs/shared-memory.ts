import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Releases the shared memory that a killed PostgreSQL server leaves behind: a few bytes, but the
 * system has only so many segments. Linux only.
 *
 * @see "Shared Memory and Semaphores" in PostgreSQL's manual: line 7 of `postmaster.pid` has key and
 * number of the segment. A server that ended by itself has removed the file.
 */
export function releaseSharedMemory(data: string): void {
  const [key, id] = segmentOf(data);
  if (key === undefined || id === undefined) return;
  // The number may be another one's by now: key, number and "nobody uses it" must all fit.
  const isOurs = segments().some(
    (segment) => segment.key === key && segment.id === id && segment.attached === "0",
  );
  if (isOurs) spawnSync("ipcrm", ["-m", id], { stdio: "ignore" });
}

function segmentOf(data: string): readonly (string | undefined)[] {
  return (read(join(data, "postmaster.pid")).split("\n")[6] ?? "").trim().split(/\s+/);
}

interface Segment {
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly attached: string | undefined;
}

function segments(): readonly Segment[] {
  return read("/proc/sysvipc/shm")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map((fields) => ({ key: fields[0], id: fields[1], attached: fields[6] }));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
