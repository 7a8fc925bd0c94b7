import { branchOf } from "./branch.ts";
import { shrunk } from "./shrink/shrunk.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { failureOf, isDivergence, replayDiverged, tellFailure } from "./failures.ts";
import { pathTo, type State } from "./graph.ts";
import type { Branch, EndedBy, ExplorationRecord } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import type { BranchPlan } from "./attempt.ts";
import type { Run, Search } from "./search.ts";
import type { Travel } from "./travel.ts";

/**
 * Runs edges in the order of the strategy until none is left or a limit is reached.
 *
 * @returns What ended the search early.
 */
export async function* runSearch<Args>(
  run: Run<Args>,
): AsyncGenerator<ExplorationRecord, EndedBy | undefined> {
  const { options, search, recorder, earlier } = run;
  const { graph, travel, expansion, steps } = search;
  const { actions, only, budget, signal } = options;
  const limit = startBudget(budget, signal);
  for (let edge = expansion.next(); edge !== undefined; edge = expansion.next()) {
    const endedBy = limit({ transitions: run.transitions, states: graph.size() });
    if (endedBy !== undefined) return endedBy;
    const { from, action } = edge;
    const path = pathTo(from);
    if (action === undefined) {
      await expandAt(run, from, branchOf(path, actions));
      continue;
    }
    path.push(action);
    const branch = branchOf(path, actions);
    const before = earlier.results.get(branch.name);
    const reported = before === undefined && (only === undefined || only(branch.name));
    const plan = { ...edge, branch, action, hooked: reported, confirmed: reported };
    const strayed = await goTo(travel, from);
    if (reported) yield recorder.started(branch);
    steps.throwIfAborted();
    const sinceMs = clock.now();
    if (strayed === undefined) run.transitions += 1;
    const result = strayed ?? (await take(search, plan, before));
    recorder.count(result, action);
    if (reported) {
      const isOver = (): boolean => limit({ transitions: 0, states: 0 }) !== undefined;
      const told = await shrunk(run, { branch, result, isOver });
      yield recorder.finished(branch, told, sinceMs);
    }
    recorder.assertAlive();
    await expansion.done(edge);
  }
  return undefined;
}

/** Asks which edges leave a state that is not where the subject is. */
async function expandAt<Args>(
  { search: { travel, expansion } }: Run<Args>,
  state: State,
  branch: Branch,
): Promise<void> {
  const strayed = await goTo(travel, state);
  if (strayed === undefined) await expansion.expand(state, () => branch.name);
  else expansion.refuse(state, strayed.failure?.error);
}

/** @param before - How the branch ended before the search began, when it was run then. */
function take<Args>(
  search: Search<Args>,
  plan: BranchPlan,
  before: BranchResult | undefined,
): Promise<BranchResult> {
  if (before === undefined) return search.run(plan);
  return before.failure === undefined ? runAgain(search, plan) : search.adopt(plan, before);
}

/** A branch that passed before the search began and fails in it cannot be reported a second time. */
async function runAgain<Args>(search: Search<Args>, plan: BranchPlan): Promise<BranchResult> {
  const result = await search.run(plan);
  const { failure } = result;
  if (failure === undefined) return result;
  const { steps } = plan.branch;
  const at = { steps, step: steps.length - 1 };
  throw replayDiverged({ ...at, expected: "passed", actual: tellFailure(failure) }, failure.error);
}

/**
 * Travels to where a branch starts.
 *
 * @returns The branch's result when the way there has led elsewhere, so that it cannot be run.
 */
export async function goTo(travel: Travel, from: State): Promise<BranchResult | undefined> {
  const startTimeMs = clock.epoch();
  try {
    await travel.to(from);
    return undefined;
  } catch (error) {
    // Whatever else stands in the way stands in the way of all branches.
    if (!isDivergence(error)) throw error;
    const failure = failureOf(error);
    const attempts = [{ startTimeMs, durationMs: 0, failure }];
    return { attempts, failure, fingerprint: undefined };
  }
}
