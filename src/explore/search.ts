import { createChecks, type Checks } from "./check.ts";
import { createExpansion, type Expansion } from "./expansion.ts";
import { failureOf } from "./failures.ts";
import { createGraph, type Graph } from "./graph.ts";
import { createMarks, type Marks } from "./marks.ts";
import type { ExploreOptions } from "./options.ts";
import type { Earlier } from "./run-first.ts";
import type { Recorder } from "./recorder.ts";
import type { Failure } from "./records.ts";
import type { BranchPlan } from "./attempt.ts";
import { branchRunner, type BranchResult } from "./run-branch.ts";
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
  readonly recorder: Recorder;
  /** How many were run. */
  transitions: number;
  /** What was run before it. */
  earlier: Earlier;
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
  const { subject, actions, invariants, paths, retry = 0, beforeBranch, afterBranch } = options;
  const graph = createGraph(fingerprint);
  const { root } = graph;
  const marks = createMarks(subject, { state: root, mark });
  const travel = createTravel({ subject, actions, root, marks, steps });
  const checks = createChecks(invariants, steps);
  const frontier = options.strategy(options.seed);
  // Who asks for paths gets these and no others.
  const depth = paths === undefined ? options.budget.depth : 0;
  const expansion = createExpansion({ actions, depth, frontier, marks, steps, travel });
  const { oracles } = options;
  const parts = { subject, actions, root, steps, checks, travel, retry, oracles };
  const tellAll = options.trace !== undefined;
  const hooked = { ...parts, beforeBranch, afterBranch };
  const runBranch = branchRunner({ ...hooked, tellAll });
  const arrive = arrivals({ graph, travel, expansion });
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
      isAllReported: options.only === undefined && paths === undefined,
    }),
    adopt: async (plan, result) => {
      if (tellAll) taken.push({ plan, result });
      // As after a failure that was run just now: the same seed walks on in the same way.
      travel.lost();
      await arrive(plan, result);
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

/** Returns the function that records where a branch ended. */
function arrivals({
  graph,
  travel,
  expansion,
}: Pick<Search<never>, "graph" | "travel" | "expansion">): (
  plan: BranchPlan,
  result: BranchResult,
) => Promise<void> {
  return async ({ from, action, branch }, { failure, fingerprint }) => {
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
    travel.arrived(to);
    if (expansion.isDue(to)) await expansion.expand(to, () => branch.name);
  };
}

/**
 * Where an invariant fails there is a state, though nobody goes on from it. Where a failure was not
 * confirmed, there is none that could be trusted.
 */
function endsInState(failure: Failure | undefined): boolean {
  return failure === undefined || failure.invariant !== undefined;
}

/** A branch that was through when its last state could not be marked. */
function failedAfterwards(result: BranchResult, failure: Failure): BranchResult {
  const attempts = result.attempts.map((attempt, index) =>
    index === result.attempts.length - 1 ? { ...attempt, failure } : attempt,
  );
  return { ...result, attempts, failure };
}
