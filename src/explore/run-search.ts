import { branchOf } from "./branch.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { failureOf, isDivergence } from "./failures.ts";
import { pathTo, type State } from "./graph.ts";
import type { EndedBy, ExplorationRecord } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import type { Run } from "./search.ts";
import type { Travel } from "./travel.ts";

/**
 * Runs edges in the order of the strategy until none is left or a limit is reached.
 *
 * @returns What ended the search early.
 */
export async function* runSearch<Args>(
  run: Run<Args>,
): AsyncGenerator<ExplorationRecord, EndedBy | undefined> {
  const { options, search, recorder } = run;
  const { graph, travel, expansion, steps } = search;
  const { actions, only, budget, signal } = options;
  const limit = startBudget(budget, signal);
  for (let edge = expansion.next(); edge !== undefined; edge = expansion.next()) {
    const endedBy = limit({ transitions: run.transitions, states: graph.size() });
    if (endedBy !== undefined) return endedBy;
    const { from, action } = edge;
    const path = pathTo(from);
    const strayed = await goTo(travel, from);
    if (action === undefined) {
      if (strayed === undefined) await expansion.expand(from, () => branchOf(path, actions).name);
      else expansion.refuse(from, strayed.failure?.error);
      continue;
    }
    path.push(action);
    const branch = branchOf(path, actions);
    const reported = only === undefined || only(branch.name);
    if (reported) yield recorder.started(branch);
    steps.throwIfAborted();
    const sinceMs = clock.now();
    if (strayed === undefined) run.transitions += 1;
    const plan = { ...edge, branch, action, hooked: reported, confirmed: reported };
    const result = strayed ?? (await search.run(plan));
    recorder.count(result);
    if (reported) yield recorder.finished(branch, result, sinceMs);
    recorder.assertAlive();
    await expansion.done(edge);
  }
  return undefined;
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
