import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  identify,
  livenessOf,
  ownIdentity,
  readIdentity,
  readStat,
  type ProcessIdentity,
} from "./owner.ts";
import { atOwnEnd } from "./own-end.ts";
import { privateFolder } from "./private-folder.ts";

/** The environment variable that marks every process of a group we started. */
export const GROUP_MARK = "VITEST_EXPLORE_GROUP";

/** A process group that must not outlive its owner. */
export interface GroupRecord {
  /** The first process; its number is the group's. */
  readonly leader: ProcessIdentity;
  readonly owner: ProcessIdentity;
  /** The value of `GROUP_MARK` in the group's environment. */
  readonly mark: string;
}

/** Makes a value for `GROUP_MARK`. */
export function newGroupMark(): string {
  return randomUUID();
}

/** A group of this process. */
export interface OwnedGroup {
  /** Sends a signal to all its processes; false when none is left. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
  readonly isAlive: () => boolean;
  /** To be called once the group has ended. */
  readonly disown: () => void;
}

// Groups of this process that are still there, with what ends them at once, for the exit hook.
const owned = new Map<GroupRecord, NodeJS.Signals>();
let unwatch = (): void => {};

/**
 * Says that a group belongs to this process: it is killed when this process exits, and the next
 * sweep kills it when this process was killed itself.
 *
 * @param group - The number of the group's first process, which must not have been waited for.
 * @param exitSignal - Sent when this process exits; must end the group at once.
 * @returns `undefined` when that process has ended already.
 */
export function ownGroup(
  group: number,
  mark: string,
  exitSignal: NodeJS.Signals = "SIGKILL",
): OwnedGroup | undefined {
  const leader = identify(group);
  if (leader === undefined) return undefined;
  const file = join(privateFolder("processes"), `${mark}.json`);
  const record: GroupRecord = { leader, owner: ownIdentity(), mark };
  // Written aside and renamed, so that a sweep never reads half a record.
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  if (owned.size === 0) unwatch = atOwnEnd(killOwned);
  owned.set(record, exitSignal);
  return {
    signal: (signal) => signalGroup(record, signal),
    isAlive: () => isGroupAlive(record),
    disown: () => {
      owned.delete(record);
      if (owned.size === 0) unwatch();
      rmSync(file, { force: true });
    },
  };
}

function killOwned(): void {
  for (const [record, signal] of owned) signalGroup(record, signal);
}

/** The records of all owners, with the files they are in; a file that is no record has none. */
export function readGroupRecords(): readonly {
  readonly file: string;
  readonly record: GroupRecord | undefined;
}[] {
  const folder = privateFolder("processes");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const file = join(folder, name);
      return { file, record: readRecord(file) };
    });
}

function readRecord(file: string): GroupRecord | undefined {
  try {
    const { leader, owner, mark } = JSON.parse(readFileSync(file, "utf8")) as Record<
      string,
      unknown
    >;
    const [first, second] = [readIdentity(leader), readIdentity(owner)];
    if (first === undefined || second === undefined || typeof mark !== "string") return undefined;
    return { leader: first, owner: second, mark };
  } catch {
    // Removed meanwhile by its owner, or not ours.
    return undefined;
  }
}

/**
 * Sends a signal to all processes of a group; false when none is left. Never reaches a later group
 * that got the same number.
 */
export function signalGroup(record: GroupRecord, signal: NodeJS.Signals): boolean {
  if (!isGroupAlive(record)) return false;
  try {
    return process.kill(-record.leader.pid, signal);
  } catch {
    // Ended since it was looked at.
    return false;
  }
}

/** Whether a process of the group still runs. A zombie, which nobody may ever reap, does not. */
function isGroupAlive({ leader, mark }: GroupRecord): boolean {
  if (livenessOf(leader) === "alive") return true;
  // The first process is gone: only the mark tells its descendants from a later group.
  return membersOf(leader.pid).some((pid) => carriesMark(pid, mark));
}

// Linux only: elsewhere the environment of a process cannot be read, and none is found.
function membersOf(group: number): readonly number[] {
  if (process.platform !== "linux" || !exists(group)) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = readStat(name);
      return stat?.group === group && stat.state !== "Z" && stat.state !== "X";
    })
    .map(Number);
}

function exists(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

function carriesMark(pid: number, mark: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return environment.includes(`${GROUP_MARK}=${mark}`);
  } catch {
    // Ended since it was looked at, or not ours.
    return false;
  }
}
