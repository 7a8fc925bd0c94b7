import type { PathStep } from "../trace/path-codec.ts";
import { branchOf } from "./branch.ts";
import { shrunk } from "./shrink/shrunk.ts";
import { startBudget } from "./budget.ts";
import { clock } from "./clock.ts";
import { failureOf, isDivergence, replayDiverged, tellFailure } from "./failures.ts";
import type { Edge } from "./frontier.ts";
import { next, pathTo, type State } from "./graph.ts";
import type { Ahead } from "./assistants/ahead.ts";
import type { Passed } from "./assistants/errand.ts";
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
  const { options, search, recorder, ahead } = run;
  const { graph, expansion, steps } = search;
  const limit = startBudget(options.budget, options.signal);
  for (let edge = expansion.next(); edge !== undefined; edge = expansion.next()) {
    const endedBy = limit({ transitions: run.transitions, states: graph.size() });
    if (endedBy !== undefined) return endedBy;
    const { from, action } = edge;
    if (action === undefined) {
      await expandAt(run, edge);
      continue;
    }
    const turn = turnOf(run, { ...edge, action });
    const { branch, hooked: isReported } = turn.plan;
    if (ahead !== undefined) yield* waitFor(run, ahead, turn);
    const strayed = await approach(run, turn);
    if (isReported && !turn.isStarted) yield recorder.started(branch);
    steps.throwIfAborted();
    const sinceMs = startOf(turn);
    if (strayed === undefined) run.transitions += 1;
    const result = strayed ?? (await take(search, turn));
    recorder.count(result, action);
    if (isReported) {
      const isOver = (): boolean => limit({ transitions: 0, states: 0 }) !== undefined;
      const told = await shrunk(run, { branch, result, isOver });
      yield recorder.finished(branch, told, sinceMs);
    }
    recorder.assertAlive();
    await expansion.done(edge);
    ahead?.moveOn([from, next(from, action) ?? from]);
  }
  return undefined;
}

/** A branch whose turn it is, and what is known of it already. */
interface Turn {
  readonly plan: BranchPlan;
  /** How it ended before the search began, when it was run then. */
  readonly before: BranchResult | undefined;
  /** What an assistant has made of it. */
  passed: Passed | undefined;
  /** It was told that it has begun. */
  isStarted: boolean;
}

function turnOf<Args>(
  { options: { actions, only }, earlier }: Run<Args>,
  edge: Edge & { readonly action: PathStep },
): Turn {
  const branch = branchOf([...pathTo(edge.from), edge.action], actions);
  const before = earlier.results.get(branch.name);
  const isReported = before === undefined && (only === undefined || only(branch.name));
  const plan = { ...edge, branch, hooked: isReported, confirmed: isReported };
  return { plan, before, passed: undefined, isStarted: false };
}

/** Waits for what an assistant makes of a branch, which is running meanwhile. */
async function* waitFor<Args>(
  { options, recorder, search: { steps } }: Run<Args>,
  ahead: Ahead,
  turn: Turn,
): AsyncGenerator<ExplorationRecord, void> {
  const { branch, hooked, from, action, thrown } = turn.plan;
  if (hooked) yield recorder.started(branch);
  turn.isStarted = true;
  const passed = await ahead.take({ from, action, ...(thrown && { thrown }) });
  steps.throwIfAborted();
  if (passed === undefined || action === undefined) return;
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

function take<Args>(search: Search<Args>, { plan, before, passed }: Turn): Promise<BranchResult> {
  if (passed !== undefined) return search.receive(plan, passed);
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
