import type { RunnerTask } from "vitest/node";
import { ownMeta } from "../../bridge.ts";
import { byPath } from "../../trace/merge-traces.ts";

/** Declared tasks in the order of their declaration, then branches as a breadth-first search meets them. */
export function byPlace(a: RunnerTask, b: RunnerTask): number {
  const [left, right] = [pathOf(a), pathOf(b)];
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined) || indexOf(a) - indexOf(b);
  }
  return byPath(left, right);
}

/** The path of a branch, `undefined` for other tasks. */
export function pathOf({ meta }: RunnerTask): string | undefined {
  const own = ownMeta(meta);
  return own?.role === "branch" ? (own.path ?? "") : undefined;
}

/** Vitest numbers the tasks of a suite at the end of their ids. */
function indexOf({ id }: RunnerTask): number {
  return Number(id.slice(id.lastIndexOf("_") + 1));
}
