import type { BranchPlan } from "./attempt.ts";
import { encodePath, type Path } from "../trace/path-codec.ts";
import { branchOf } from "./branch.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { leadsNowhere, next } from "./graph.ts";
import { leadsToNothing } from "./not-enabled.ts";
import type { Branch, EndedBy, ExplorationRecord } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import { goTo } from "./run-search.ts";
import type { Run } from "./search.ts";

/**
 * Runs paths from the initial state, one branch each. Steps that an earlier path took before are
 * not run again; a path that fails on the way fails its branch.
 *
 * @param told - Called with each result.
 * @returns What ended the search: no more was asked for, if nothing else.
 */
export async function* runPaths<Args>(
  run: Run<Args>,
  paths: readonly Path[],
  told?: (branch: Branch, result: BranchResult) => void,
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
    const way = await approach(run, branch);
    const result = "plan" in way ? await runLast(run, way.plan) : way.result;
    recorder.count(result, path.at(-1));
    told?.(branch, result);
    yield recorder.finished(branch, result, sinceMs);
    recorder.assertAlive();
  }
  return "paths";
}

/** How far a path was gone: to its last step, or to where it went no further. */
export type Way = { readonly plan: BranchPlan } | { readonly result: BranchResult };

/** Runs all steps of a branch but the last, and asks whether that can be taken. */
export async function approach<Args>(run: Run<Args>, branch: Branch): Promise<Way> {
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
    if (strayed !== undefined) return { result: strayed };
    await marks.take(from);
    const part = isLast ? branch : branchOf(branch.path.slice(0, index + 1), options.actions);
    const edge = await expansion.ask(from, action, () => part.name);
    if (edge === undefined) {
      return { result: await leadsToNothing({ branch, index, from }, search, options.actions) };
    }
    const plan = { ...edge, action, branch: part, hooked: isLast, confirmed: true };
    if (isLast) return { plan };
    const result = await runLast(run, plan);
    const to = next(from, action);
    if (result.failure !== undefined || to === undefined) {
      return { result: failedOnTheWay(result, index, branch) };
    }
    from = to;
  }
  throw leadsNowhere(from);
}

/** Runs the last step of a branch that was approached. */
export function runLast<Args>(run: Run<Args>, plan: BranchPlan): Promise<BranchResult> {
  run.transitions += 1;
  return run.search.run(plan);
}

function failedOnTheWay(result: BranchResult, index: number, { path }: Branch): BranchResult {
  const replay = result.failure?.replay && [...result.failure.replay, ...path.slice(index + 1)];
  const failure = result.failure && {
    ...result.failure,
    failedAt: index + 1,
    ...(replay && { replay }),
  };
  const attempts = result.attempts.map((attempt, at) =>
    at === result.attempts.length - 1 && failure ? { ...attempt, failure } : attempt,
  );
  return { ...result, attempts, failure };
}
