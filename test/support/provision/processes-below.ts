import { readdirSync, readlinkSync } from "node:fs";

/** The processes that work in a folder or below it, as every server of ours does. Linux only. */
export function processesBelow(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        // Ended since it was listed.
        return false;
      }
    })
    .map(Number);
}
