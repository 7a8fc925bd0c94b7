import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExploreError } from "../errors.ts";

/**
 * A folder for what runs leave behind, one per user of this machine. Made when it is missing, and
 * closed to everybody else: whoever could write there could make us end processes or delete folders.
 *
 * @throws ExploreError `EXPLORE_FOLDER_UNSAFE` when it is not ours alone.
 */
export function privateFolder(name: "processes" | "work" | "databases"): string {
  const base = join(tmpdir(), `vitest-explore-${process.getuid?.() ?? "user"}`);
  ensurePrivate(base);
  const folder = join(base, name);
  ensurePrivate(folder);
  return folder;
}

function ensurePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  // Not the target of a link: the link itself must be what we made.
  const problem = problemOf(lstatSync(folder));
  if (problem === undefined) return;
  throw new ExploreError(
    "EXPLORE_FOLDER_UNSAFE",
    `The folder ${folder} cannot be trusted: ${problem}.\n` +
      "Remove it, or set TMPDIR to a folder that only you can write to.",
    { details: { folder, problem } },
  );
}

function problemOf(stats: Stats): string | undefined {
  if (!stats.isDirectory()) return "it is not a folder";
  const uid = process.getuid?.();
  // Windows has neither owners nor modes in this form, and a temporary folder for each user.
  if (uid === undefined) return undefined;
  if (stats.uid !== uid) return `it belongs to user ${stats.uid}, and this is user ${uid}`;
  const mode = stats.mode & 0o777;
  return (mode & 0o022) === 0 ? undefined : `others may write to it (mode ${mode.toString(8)})`;
}
