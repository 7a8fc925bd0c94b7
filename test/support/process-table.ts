import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that works in a folder. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Says why processes cannot be found by their folder; `undefined` when they can. */
export function probeProcessTable(): string | undefined {
  return existsSync("/proc/self/cwd")
    ? undefined
    : "processes are found through /proc, which is not here";
}

/** The processes whose working folder is this one or below it. */
export function processesIn(folder: string): readonly FoundProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const where = readlinkSync(`/proc/${name}/cwd`);
        if (where !== folder && !where.startsWith(`${folder}/`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), command }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}
