import { rmSync, statSync } from "node:fs";
import { readGroupRecords, signalGroup } from "./groups.ts";
import { livenessOf, type Liveness } from "./owner.ts";

/** Leftovers of another machine or boot are kept this long, since their owner may run there. */
export const KEEP_ELSEWHERE_MS = 24 * 60 * 60 * 1000;

/**
 * Kills the process groups whose owner was killed before it could stop them.
 *
 * @returns The numbers of the killed groups. Never one whose number a later process has taken.
 */
export function sweepDeadOwners(): readonly number[] {
  const killed: number[] = [];
  for (const { file, record } of readGroupRecords()) {
    const owner = record === undefined ? "elsewhere" : livenessOf(record.owner);
    if (owner === "dead" && record !== undefined && signalGroup(record, "SIGKILL")) {
      killed.push(record.leader.pid);
    }
    if (isLeftover(owner, file)) rmSync(file, { force: true });
  }
  return killed;
}

/** Whether something of this owner may be removed. */
export function isLeftover(owner: Liveness, path: string): boolean {
  if (owner !== "elsewhere") return owner === "dead";
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return Date.now() - changed > KEEP_ELSEWHERE_MS;
}
