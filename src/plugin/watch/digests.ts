import { createHash } from "node:crypto";
import { type Stats, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** What was found at a path. */
export interface Digest {
  /** Empty: nothing is there. */
  readonly content: string;
  /** When the last of it was written or put there. Milliseconds. */
  readonly changedMs: number;
}

/** Reads a file, or a folder with all that is below it. */
export function digestOf(path: string): Digest {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { content: "", changedMs: 0 };
  const hash = createHash("sha256");
  if (!stats.isDirectory()) return digestFile(path, stats, hash);
  let changedMs = stats.ctimeMs;
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).toSorted()) {
    const below = join(path, name);
    const found = statSync(below, { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    hash.update(`${name}\0${digestFile(below, found, createHash("sha256")).content}\0`);
    changedMs = Math.max(changedMs, found.ctimeMs);
  }
  return { content: hash.digest("hex"), changedMs };
}

function digestFile(path: string, { ctimeMs }: Stats, hash: ReturnType<typeof createHash>): Digest {
  return { content: hash.update(readFileSync(path)).digest("hex"), changedMs: ctimeMs };
}

/** What package managers write when they change what is installed for a folder. */
export function installRecords(folder: string): readonly string[] {
  const parent = dirname(folder);
  const own = RECORDS.map((name) => join(folder, "node_modules", name));
  return parent === folder ? own : [...own, ...installRecords(parent)];
}

const RECORDS = [".package-lock.json", ".modules.yaml", ".yarn-integrity", ".yarn-state.yml"];
