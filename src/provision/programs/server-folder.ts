import { mkdirSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ownedPath, removeOwned, sweepOwned, type WorkFolder } from "../ownership/folders.ts";
import { atOwnEnd } from "../ownership/own-end.ts";
import { letPass, privateFolder } from "../ownership/private-folder.ts";
import { dataPlace, dataPlaces } from "./data-place.ts";
import { checkReach, giveTo, type ServerUser } from "./server-user.ts";
import { releaseSharedMemory } from "./shared-memory.ts";

let folders = 0;
const owned = new Set<string>();
let unwatch = (): void => {};

/** An exit leaves no time to wait for the processes in them; what resists goes with the next sweep. */
function removeOwnedFolders(): void {
  for (const path of owned) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Written to at this moment.
    }
  }
}

/**
 * Makes an empty folder for a server, which only its user can read.
 *
 * @param temporary - The folder for temporary files to make it in. Default: where data is fastest.
 */
export function createServerFolder(
  user: ServerUser | undefined,
  temporary: string = dataPlace(),
): WorkFolder {
  folders += 1;
  const path = ownedPath("servers", String(folders), temporary);
  mkdirSync(path, { mode: 0o700 });
  if (owned.size === 0) unwatch = atOwnEnd(removeOwnedFolders);
  owned.add(path);
  if (user !== undefined) {
    letPass(dirname(path));
    giveTo(user, path);
    checkReach(user, path);
  }
  return {
    path,
    remove: async () => {
      owned.delete(path);
      if (owned.size === 0) unwatch();
      await removeServerFolder(path);
    },
  };
}

/**
 * Removes the folders of servers whose owner was killed, and ends what still runs in them.
 *
 * @returns The paths that were removed.
 */
export async function sweepServerFolders(): Promise<readonly string[]> {
  const bases = dataPlaces().map((temporary) => privateFolder("servers", temporary));
  const removed: string[] = [];
  for (const base of bases) removed.push(...(await sweepOwned(base, removeServerFolder)));
  return removed;
}

// SIGKILL is not refused; this only bounds the wait for the kernel.
const KILL_TRIES = 200;

async function removeServerFolder(path: string): Promise<void> {
  for (let attempt = 0; attempt < KILL_TRIES; attempt += 1) {
    const processes = processesIn(path);
    if (processes.length === 0) break;
    for (const pid of processes) kill(pid);
    await sleep(10);
  }
  releaseSharedMemory(join(path, "data"));
  await removeOwned(path);
}

/**
 * Processes that work in a folder. A server's processes may leave its group and overwrite their
 * environment, but they stay in its folder. Linux only: elsewhere none is found.
 */
function processesIn(folder: string): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const place = workingFolder(name);
      return place === folder || place?.startsWith(`${folder}/`) === true;
    })
    .map(Number);
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Ended since it was listed, or somebody else's.
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended since it was found.
  }
}
