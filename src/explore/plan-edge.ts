import type { PathStep } from "../trace/path-codec.ts";
import type { BranchPlan } from "./attempt.ts";
import { branchOf } from "./branch.ts";
import type { Edge } from "./frontier.ts";
import { pathTo } from "./graph.ts";
import type { ExploreOptions } from "./options.ts";
import type { Earlier } from "./run-first.ts";

/** How an edge is run. */
export interface EdgePlan {
  readonly edge: Edge;
  readonly plan: BranchPlan & { readonly action: PathStep };
  readonly reported: boolean;
}

/**
 * Returns the function that says how an edge is run, and whether it is reported here.
 *
 * @param earlier - What was run before the search.
 */
export function planner<Args>(
  { only, shard, written = [], actions }: Omit<ExploreOptions<Args>, "subject">,
  earlier: () => Earlier,
): (edge: Edge & { readonly action: PathStep }) => EdgePlan {
  // The first shard runs and reports these before its search.
  const isElsewhere = shard !== undefined && shard.index > 1;
  const others = new Set(isElsewhere ? written.map((path) => branchOf(path, actions).name) : []);
  return (edge) => {
    const branch = branchOf([...pathTo(edge.from), edge.action], actions);
    const { name } = branch;
    const isRepeated = earlier().results.has(name) || others.has(name);
    // Hooks may write: without them the states of the other shards would not be the same.
    const hooked = !isRepeated && (only === undefined || only(name));
    const reported = hooked && edge.shard !== "run";
    return { edge, plan: { ...edge, branch, hooked, confirmed: reported }, reported };
  };
}
