import { chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { codeOf, ExploreError } from "../../errors.ts";

/** What is kept in folders of their own. */
export type PrivateFolder =
  | "processes"
  | "work"
  | "databases"
  | "servers"
  | "templates"
  | "sockets";

/**
 * A folder for what runs leave behind, one per user of this machine. Made when it is missing, and
 * closed to everybody else: whoever could write there could make us end processes or delete folders.
 *
 * @param temporary - The folder to make it in. Default: the system's folder for temporary files.
 * @throws ExploreError `EXPLORE_FOLDER_UNSAFE` when it is not ours alone.
 */
export function privateFolder(name: PrivateFolder, temporary: string = tmpdir()): string {
  const base = join(temporary, `vitest-explore-${process.getuid?.() ?? "user"}`);
  ensurePrivate(base);
  const folder = join(base, name);
  ensurePrivate(folder);
  return folder;
}

/**
 * Lets other users pass through a private folder, to what in it belongs to them. They can neither
 * list nor write it.
 */
export function letPass(folder: string): void {
  for (const each of [dirname(folder), folder]) {
    if ((lstatSync(each).mode & 0o777) !== 0o711) chmodSync(each, 0o711);
  }
}

function ensurePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
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
