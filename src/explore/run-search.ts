import { branchOf } from "./branch.ts";
import { shrunk } from "./shrink/shrunk.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { failureOf, isDivergence, replayDiverged, tellFailure } from "./failures.ts";
import type { Edge } from "./frontier.ts";
import { next, pathTo, type State } from "./graph.ts";
import type { Ahead } from "./assistants/ahead.ts";
import type { Passed } from "./assistants/errand.ts";
import { planner, type EdgePlan } from "./plan-edge.ts";
import type { EndedBy, ExplorationRecord } from "./records.ts";
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
  const { options, search, ahead } = run;
  const { graph, expansion } = search;
  const limit = startBudget(options.budget, options.signal);
  const isOver = (): boolean => limit({ transitions: 0, states: 0 }) !== undefined;
  const planFor = planner(options, () => run.earlier);
  for (let edge = expansion.next(); edge !== undefined; edge = expansion.next()) {
    const { from, action, shard } = edge;
    if (shard === "leave" && action !== undefined) {
      run.shared?.push(edge);
      await expansion.done(edge);
      continue;
    }
    const endedBy = limit({ transitions: run.transitions, states: graph.size() });
    if (endedBy !== undefined) return endedBy;
    if (action === undefined) {
      await expandAt(run, edge);
      continue;
    }
    const turn: Turn = { ...planFor({ ...edge, action }), passed: undefined };
    if (ahead !== undefined) yield* waitFor(run, ahead, turn);
    yield* runEdge(run, turn, isOver);
    await expansion.done(edge);
    ahead?.moveOn([from, next(from, action) ?? from]);
  }
  return undefined;
}

/** An edge whose turn it is. */
interface Turn extends EdgePlan {
  /** What an assistant has made of it. */
  passed: Passed | undefined;
}

async function* runEdge<Args>(
  run: Run<Args>,
  turn: Turn,
  isOver: () => boolean,
): AsyncGenerator<ExplorationRecord, void> {
  const { search, recorder, options, ahead } = run;
  const { edge, plan, reported } = turn;
  const { branch, from, action } = plan;
  const strayed = await approach(run, turn);
  if (reported && ahead === undefined) yield recorder.started(branch, options.shard && from);
  search.steps.throwIfAborted();
  const sinceMs = startOf(turn);
  if (strayed === undefined) {
    run.transitions += 1;
    run.shared?.push(edge);
  }
  const result = strayed ?? (await take(run, turn));
  recorder.count(result, action);
  if (reported) {
    const told = await shrunk(run, { branch, result, isOver });
    yield recorder.finished(branch, told, sinceMs);
  }
  recorder.assertAlive();
}

/** Waits for what an assistant makes of a branch, which is running meanwhile. */
async function* waitFor<Args>(
  { options, recorder, search: { steps } }: Run<Args>,
  ahead: Ahead,
  turn: Turn,
): AsyncGenerator<ExplorationRecord, void> {
  const { edge, plan, reported } = turn;
  const { branch, from, action } = plan;
  if (reported) yield recorder.started(branch, options.shard && from);
  const passed = await ahead.take(edge);
  steps.throwIfAborted();
  if (passed === undefined) return;
  const known = next(from, action);
  // It would be a divergence, and that is told here only.
  if (known !== undefined && known.fingerprint !== passed.fingerprint) return;
  turn.passed = passed;
  if (passed.told !== undefined) options.retell?.(branch.name, passed.told);
}

/** When a branch was begun, by `clock.now`: one that an assistant has run took as long as there. */
function startOf({ passed }: Turn): number {
  return clock.now() - (passed?.durationMs ?? 0);
}

/** Asks which edges leave a state that is not where the subject is. */
async function expandAt<Args>(run: Run<Args>, edge: Edge): Promise<void> {
  const { from: state } = edge;
  const { ahead, search, options } = run;
  const { travel, expansion } = search;
  const passed = await ahead?.take(edge);
  if (passed?.enabled !== undefined) {
    travel.sent(state);
    await expansion.adopt(state, passed.enabled);
    ahead?.moveOn([state]);
    return;
  }
  const branch = branchOf(pathTo(state), options.actions);
  const strayed = await goUnheard(run, state);
  if (strayed === undefined) await expansion.expand(state, () => branch.name);
  else expansion.refuse(state, strayed.failure?.error);
}

/** Travels to where a branch starts, unless an assistant was there. */
function approach<Args>(
  run: Run<Args>,
  { plan, passed }: Turn,
): Promise<BranchResult | undefined> | undefined {
  return passed === undefined ? goUnheard(run, plan.from) : undefined;
}

/** Travels to a state; unheard where it is only because an assistant was there before. */
function goUnheard<Args>(
  { ahead, options, search }: Run<Args>,
  to: State,
): Promise<BranchResult | undefined> {
  const { unheard } = options;
  const go = (): Promise<BranchResult | undefined> => goTo(search.travel, to);
  return ahead === undefined || unheard === undefined ? go() : unheard(go);
}

function take<Args>({ search, earlier }: Run<Args>, { plan, passed }: Turn): Promise<BranchResult> {
  if (passed !== undefined) return search.receive(plan, passed);
  const before = earlier.results.get(plan.branch.name);
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
