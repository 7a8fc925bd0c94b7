import { actionNumber, type PathStep } from "../trace/path-codec.ts";
import { MAX_INFRASTRUCTURE_FAILURES_IN_A_ROW } from "./budget.ts";
import { clock } from "./clock.ts";
import { createFailureGroups, tooManyInfrastructureFailures } from "./failures.ts";
import type { State } from "./graph.ts";
import type { Action } from "./model.ts";
import type {
  Branch,
  BranchFinished,
  BranchStarted,
  Failure,
  FailureGroup,
  Timing,
} from "./records.ts";
import type { BranchResult } from "./run-branch.ts";

/** Turns branches into records and keeps count of what failed. */
export interface Recorder {
  /** @param from - The state that its last step starts in, when that is to be told. */
  readonly started: (branch: Branch, from?: State) => BranchStarted;
  /** @param sinceMs - When the branch was started, by `clock.now`. */
  readonly finished: (branch: Branch, result: BranchResult, sinceMs: number) => BranchFinished;
  /** Whether a branch has failed in this way before. */
  readonly isKnown: (branch: Branch, failure: Failure) => boolean;
  /** Counts a branch that was run, reported or not, by its last action. */
  readonly count: (result: BranchResult, action?: PathStep) => void;
  /** @throws ExploreError When too many branches in a row say nothing about the rules. */
  readonly assertAlive: () => void;
  readonly failures: () => readonly FailureGroup[];
  readonly timings: (action: number) => Omit<Timing, "action">;
  /** In the order reported; empty unless everything is recorded. */
  readonly branches: readonly BranchFinished[];
}

/**
 * Starts without records.
 *
 * @param keeps - Keep what is reported: memory that grows with the search.
 */
export function createRecorder(
  keeps: boolean,
  actions: readonly Pick<Action<never>, "name" | "specName">[],
): Recorder {
  const groups = createFailureGroups(actions);
  let inARow = 0;
  let last: unknown;
  const branches: BranchFinished[] = [];
  const timings: ({ runs: number; totalMs: number } | undefined)[] = [];

  function finished(branch: Branch, result: BranchResult, durationMs: number): BranchFinished {
    const { attempts } = result;
    if (result.failure === undefined) {
      return { type: "branch-finished", branch, status: "passed", attempts, durationMs };
    }
    const failure = groups.add(branch, result.failure);
    const told = attempts.map((attempt, index) =>
      index === attempts.length - 1 ? { ...attempt, failure } : attempt,
    );
    const ended = { branch, attempts: told, failure, durationMs };
    return { type: "branch-finished", status: "failed", ...ended };
  }

  return {
    started: (branch, from) => ({
      type: "branch-started",
      branch,
      startTimeMs: clock.epoch(),
      ...(from && { from: from.fingerprint }),
    }),
    branches,
    isKnown: groups.has,
    finished: (branch, result, sinceMs) => {
      const record = finished(branch, result, clock.now() - sinceMs);
      if (keeps) branches.push(record);
      return record;
    },
    timings: (action) => {
      const { runs = 0, totalMs = 0 } = timings[action] ?? {};
      return { runs, meanMs: runs === 0 ? 0 : totalMs / runs };
    },
    count: ({ failure, attempts }, action) => {
      if (action !== undefined) {
        const timing = (timings[actionNumber(action)] ??= { runs: 0, totalMs: 0 });
        timing.runs += 1;
        timing.totalMs += attempts.at(-1)?.durationMs ?? 0;
      }
      inARow = failure?.kind === "infrastructure" ? inARow + 1 : 0;
      last = failure?.error;
    },
    assertAlive: () => {
      if (inARow < MAX_INFRASTRUCTURE_FAILURES_IN_A_ROW) return;
      throw tooManyInfrastructureFailures(inARow, last);
    },
    failures: () => groups.all(),
  };
}
