import { ExploreError } from "../errors.ts";
import { branchName, encodePath } from "../trace/path-codec.ts";
import { clock } from "./clock.ts";
import type { State } from "./graph.ts";
import type { Action } from "./model.ts";
import type { Branch, Failure } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import { goTo } from "./run-search.ts";
import type { Search } from "./search.ts";

/** A path that goes no further. */
interface Stop {
  readonly branch: Branch;
  /** Of the step that cannot be taken. */
  readonly index: number;
  /** The state before it. */
  readonly from: State;
}

/** The result of a branch whose path takes a step that is not enabled: says what is. */
export async function leadsToNothing<Args>(
  { branch, index, from }: Stop,
  { travel, expansion }: Pick<Search<Args>, "travel" | "expansion">,
  actions: readonly Action<Args>[],
): Promise<BranchResult> {
  const { path, steps } = branch;
  const enabled: string[] = [];
  for (const [action, { name }] of actions.entries()) {
    // One that threw may have changed something after all.
    if (travel.here() !== from && (await goTo(travel, from)) !== undefined) break;
    const edge = await expansion.ask(from, action, () => branch.name);
    if (edge !== undefined && edge.thrown === undefined) enabled.push(`${action} ${name}`);
  }
  const where = index === 0 ? "in the initial state" : `after ${branchName(steps.slice(0, index))}`;
  const error = new ExploreError(
    "EXPLORE_USAGE",
    `Path ${encodePath(path)}: step ${index + 1} of ${path.length} (${steps[index]}) ` +
      `is not enabled ${where}.\n` +
      `  enabled there: ${enabled.length === 0 ? "no action" : enabled.join(", ")}\n` +
      "Either the spec or the app has changed since the path was written down: correct it, or " +
      "explore again to find out whether there is still a path to the failure.",
    { details: { path, step: index, enabled } },
  );
  const failure: Failure = { kind: "error", error, failedAt: index + 1 };
  const attempts = [{ startTimeMs: clock.epoch(), durationMs: 0, failure }];
  return { attempts, failure, fingerprint: undefined };
}
