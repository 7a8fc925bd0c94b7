import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readGroupRecords } from "./groups.ts";
import { livenessOf, ownIdentity, readIdentity, type ProcessIdentity } from "./owner.ts";
import { privateFolder } from "./private-folder.ts";
import { isLeftover } from "./processes.ts";

/** A folder that belongs to this process. */
export interface WorkFolder {
  readonly path: string;
  /** Removes it with everything in it; harmless when it is gone. */
  readonly remove: () => Promise<void>;
}

/** What a process may own: the private folders whose entries have their owner in their name. */
export type OwnedFolder = "work" | "servers" | "sockets";

/**
 * Makes an empty folder for one world, open to this user only. Its name tells its owner, so that the
 * next sweep removes it when this process was killed before it could.
 *
 * @param slot - Letters, digits, `-` and `_`; unique within this process.
 */
export async function createWorkFolder(slot: string): Promise<WorkFolder> {
  const path = ownedPath("work", slot);
  await mkdir(path, { mode: 0o700 });
  return { path, remove: () => removeOwned(path) };
}

/**
 * A path whose name tells that this process owns it. Nothing is made.
 *
 * @param slot - Letters, digits, `-` and `_`; unique within this process.
 */
export function ownedPath(kind: OwnedFolder, slot: string, temporary?: string): string {
  return join(privateFolder(kind, temporary), `${ownerName(ownIdentity())}-${slot}`);
}

/** Removes a file, socket or folder, whatever is in it; harmless when it is gone. */
export function removeOwned(path: string): Promise<void> {
  // Processes that are about to end may still write to it.
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}

function ownerName({ pid, place, start }: ProcessIdentity): string {
  return `${pid}-${place}-${start}`;
}

/**
 * Removes the folders of worlds whose process was killed before it could remove them. A process of
 * such a world must be ended before: `sweepDeadOwners`.
 *
 * @returns The paths that were removed.
 */
export function sweepWorkFolders(): Promise<readonly string[]> {
  return sweepOwned(privateFolder("work"), removeOwned);
}

/**
 * Removes what is in a folder and belongs to a process that was killed before it could remove it.
 *
 * @returns The paths that were removed.
 */
export async function sweepOwned(
  base: string,
  remove: (path: string) => Promise<void>,
): Promise<readonly string[]> {
  const removed: string[] = [];
  // An owner may have been killed since its processes were swept: they still use the folder.
  const inUse = new Set(readGroupRecords().map(({ record }) => record && ownerName(record.owner)));
  for (const name of await readdir(base)) {
    const [pid, place, start] = name.split("-");
    const owner = readIdentity({ pid: Number(pid), place, start });
    const path = join(base, name);
    if (owner !== undefined && inUse.has(ownerName(owner))) continue;
    if (!isLeftover(owner === undefined ? "elsewhere" : livenessOf(owner), path)) continue;
    await remove(path);
    removed.push(path);
  }
  return removed;
}
