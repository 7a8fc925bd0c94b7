import { createChecks, type Checks } from "./check.ts";
import { createExpansion, type Expansion } from "./expansion.ts";
import { failureOf } from "./failures.ts";
import type { Edge } from "./frontier.ts";
import { createGraph, type Graph, type State } from "./graph.ts";
import { createMarks, type Marks } from "./marks.ts";
import type { ExploreOptions } from "./options.ts";
import type { Earlier } from "./run-first.ts";
import type { Recorder } from "./recorder.ts";
import type { Branch, Failure } from "./records.ts";
import type { BranchPlan } from "./attempt.ts";
import { branchRunner, type BranchResult } from "./run-branch.ts";
import { shardFrontier } from "./shard/shard-frontier.ts";
import type { Ahead } from "./assistants/ahead.ts";
import type { Passed } from "./assistants/errand.ts";
import { createSent } from "./sent.ts";
import { createShrinker } from "./shrink/shrinker.ts";
import type { Steps } from "./steps.ts";
import { createTravel, type Travel } from "./travel.ts";

/** The parts of a search, put together. */
export interface Search<Args> {
  readonly graph: Graph;
  readonly travel: Travel;
  readonly marks: Marks;
  readonly checks: Checks;
  readonly steps: Steps<Args>;
  readonly expansion: Expansion;
  /**
   * Runs a branch from the state it starts in, where the subject must be; records where it ended,
   * and finds the edges there.
   */
  readonly run: (plan: BranchPlan) => Promise<BranchResult>;
  /** Takes over how a branch ended that was run, confirmed and reported before, and failed. */
  readonly adopt: (plan: BranchPlan, result: BranchResult) => Promise<BranchResult>;
  /** Takes over what an assistant has run, which passed; the subject stays where it is. */
  readonly receive: (plan: BranchPlan, passed: Passed) => Promise<BranchResult>;
  /** Shortens the path of a failure, when there is a shorter one that fails in the same way. */
  readonly shrink: ReturnType<typeof createShrinker>;
  /** What was run, in order; empty unless everything is recorded. */
  readonly taken: readonly Taken[];
}

/** A branch's last step, as it was run by the search. */
export interface Taken {
  readonly plan: BranchPlan;
  readonly result: BranchResult;
}

/** A search under way. */
export interface Run<Args> {
  readonly options: Omit<ExploreOptions<Args>, "subject">;
  readonly search: Search<Args>;
  /** Absent when nobody assists. */
  readonly ahead: Ahead | undefined;
  readonly recorder: Recorder;
  /** How many were run. */
  transitions: number;
  /** What was run before it. */
  earlier: Earlier;
  /** The edges that were run, in order; kept where shards share the search. */
  readonly shared: Edge[] | undefined;
}

/** The initial state, in which the subject is. */
export interface Start<Mark> {
  readonly mark: Mark;
  readonly fingerprint: string;
}

/** Starts with the initial state. */
export function startSearch<Args, Mark>(
  options: ExploreOptions<Args, Mark>,
  steps: Steps<Args>,
  { mark, fingerprint }: Start<Mark>,
): Search<Args> {
  const { subject, actions, invariants, paths, retry = 0, oracles } = options;
  const graph = createGraph(fingerprint);
  const { root } = graph;
  const marks = createMarks(subject, { state: root, mark });
  const travel = createTravel({ subject, actions, root, marks, steps });
  const checks = createChecks(invariants, steps);
  const expansion = expansionOf(options, { marks, steps, travel });
  const tellAll = options.trace !== undefined;
  const parts = { subject, actions, root, steps, checks, travel, retry, oracles };
  const hooked = { ...parts, beforeBranch: options.beforeBranch, afterBranch: options.afterBranch };
  const sent = createSent();
  const runBranch = branchRunner({ ...hooked, sent, tellAll });
  const arrive = arrivals({ graph, travel, expansion }, options.unheard);
  const taken: Taken[] = [];

  return {
    graph,
    travel,
    marks,
    checks,
    steps,
    expansion,
    taken,
    shrink: createShrinker({
      ...hooked,
      // Rules have their own witnesses in a search, in its own order.
      checks: createChecks(invariants, steps),
      expansion,
      isAllReported: [options.only, options.shard, paths].every((each) => each === undefined),
    }),
    adopt: async (plan, result) => {
      if (tellAll) taken.push({ plan, result });
      // As after a failure that was run just now: the same seed walks on in the same way.
      travel.lost();
      await arrive(plan, result);
      return result;
    },
    receive: async (plan, passed) => {
      const result = resultOf(passed);
      if (tellAll) taken.push({ plan, result });
      sent.note(plan, passed.requests);
      checks.witness(passed.witnesses, plan.branch);
      await arrive(plan, result, passed);
      return result;
    },
    run: async (plan) => {
      const result = await runBranch(plan);
      if (tellAll) taken.push({ plan, result });
      try {
        await arrive(plan, result);
        return result;
      } catch (error) {
        travel.lost();
        return failedAfterwards(result, failureOf(error));
      }
    },
  };
}

function expansionOf<Args>(
  { actions, paths, budget, strategy, seed, shard }: Omit<ExploreOptions<Args>, "subject">,
  parts: Pick<Search<Args>, "marks" | "steps" | "travel">,
): Expansion {
  // Who asks for paths gets these and no others.
  const depth = paths === undefined ? budget.depth : 0;
  const whole = strategy(seed);
  const frontier = shard === undefined ? whole : shardFrontier(whole, shard, depth);
  return createExpansion({ actions, depth, frontier, ...parts });
}

/** Returns the function that records where a branch ended. */
function arrivals(
  { graph, travel, expansion }: Pick<Search<never>, "graph" | "travel" | "expansion">,
  unheard: ExploreOptions<never>["unheard"] = (run) => run(),
): (plan: BranchPlan, result: BranchResult, passed?: Passed) => Promise<void> {
  async function expand(to: State, branch: Branch, enabled?: readonly number[]): Promise<void> {
    if (enabled !== undefined) return expansion.adopt(to, enabled);
    // An assistant was there and had no reason to ask.
    if (travel.here() !== to) await unheard(() => travel.to(to));
    return expansion.expand(to, () => branch.name);
  }

  return async ({ from, action, branch }, { failure, fingerprint }, passed) => {
    if (fingerprint === undefined || !endsInState(failure)) return;
    let to = from;
    if (action !== undefined) {
      const recorded = graph.record(from, action, fingerprint);
      to = recorded.to;
      for (const state of recorded.shallower) {
        if (expansion.isDue(state) && state.expansion === "none") expansion.postpone(state);
      }
    }
    if (failure !== undefined) return;
    to.sound = true;
    if (passed === undefined) travel.arrived(to);
    else travel.sent(to);
    if (expansion.isDue(to)) await expand(to, branch, passed?.enabled);
  };
}

/**
 * Where an invariant fails there is a state, though nobody goes on from it. Where a failure was not
 * confirmed, there is none that could be trusted.
 */
function endsInState(failure: Failure | undefined): boolean {
  return failure === undefined || failure.invariant !== undefined;
}

/** The result of a branch as it would be if it had been run here. */
function resultOf({ fingerprint, startTimeMs, durationMs, step }: Passed): BranchResult {
  const attempts = [{ startTimeMs, durationMs }];
  return { attempts, failure: undefined, fingerprint, ...(step && { step }) };
}

/** A branch that was through when its last state could not be marked. */
function failedAfterwards(result: BranchResult, failure: Failure): BranchResult {
  const attempts = result.attempts.map((attempt, index) =>
    index === result.attempts.length - 1 ? { ...attempt, failure } : attempt,
  );
  return { ...result, attempts, failure };
}
