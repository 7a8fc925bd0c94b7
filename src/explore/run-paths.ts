import { ExploreError } from "../errors.ts";
import { branchName, encodePath, type Path } from "../trace/path-codec.ts";
import { branchOf } from "./branch.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { leadsNowhere, next } from "./graph.ts";
import type { Branch, EndedBy, ExplorationRecord, Failure } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import { goTo } from "./run-search.ts";
import type { Run } from "./search.ts";

/**
 * Runs paths from the initial state, one branch each. Steps that an earlier path took before are
 * not run again; a path that fails on the way fails its branch.
 *
 * @returns What ended the search: no more was asked for, if nothing else.
 */
export async function* runPaths<Args>(
  run: Run<Args>,
  paths: readonly Path[],
): AsyncGenerator<ExplorationRecord, EndedBy> {
  const { options, search, recorder } = run;
  const limit = startBudget(options.budget, options.signal);
  const distinct = new Map(paths.map((path) => [encodePath(path), path]));
  for (const path of distinct.values()) {
    const branch = branchOf(path, options.actions);
    // The initial state was reported before.
    if (path.length === 0 || options.only?.(branch.name) === false) continue;
    const endedBy = limit({ transitions: run.transitions, states: search.graph.size() });
    if (endedBy !== undefined) return endedBy;
    yield recorder.started(branch);
    search.steps.throwIfAborted();
    const sinceMs = clock.now();
    const result = await runPath(run, branch);
    recorder.count(result);
    yield recorder.finished(branch, result, sinceMs);
    recorder.assertAlive();
  }
  return "paths";
}

async function runPath<Args>(run: Run<Args>, branch: Branch): Promise<BranchResult> {
  const { options, search } = run;
  const { graph, marks, travel, expansion } = search;
  let from = graph.root;
  for (const [index, action] of branch.path.entries()) {
    const isLast = index === branch.path.length - 1;
    const known = next(from, action);
    if (!isLast && known?.sound === true) {
      from = known;
      continue;
    }
    const strayed = await goTo(travel, from);
    if (strayed !== undefined) return strayed;
    await marks.take(from);
    const part = isLast ? branch : branchOf(branch.path.slice(0, index + 1), options.actions);
    const edge = await expansion.ask(from, action, () => part.name);
    if (edge === undefined) return notEnabled(branch, index);
    run.transitions += 1;
    const result = await search.run({
      ...edge,
      action,
      branch: part,
      hooked: isLast,
      confirmed: true,
    });
    const to = next(from, action);
    if (isLast || result.failure !== undefined || to === undefined) return result;
    from = to;
  }
  throw leadsNowhere(from);
}

function notEnabled({ path, steps }: Branch, index: number): BranchResult {
  const before =
    index === 0 ? "in the initial state" : `after ${branchName(steps.slice(0, index))}`;
  const error = new ExploreError(
    "EXPLORE_USAGE",
    `Path ${encodePath(path)}: step ${index + 1} of ${path.length} (${steps[index]}) ` +
      `is not enabled ${before}.\n` +
      "The spec or the app has changed since the path was reported: explore again to find out " +
      "whether there is still a path to the failure.",
    { details: { path, step: index } },
  );
  const failure: Failure = { kind: "error", error };
  const attempts = [{ startTimeMs: clock.epoch(), durationMs: 0, failure }];
  return { attempts, failure, fingerprint: undefined };
}
