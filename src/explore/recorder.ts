import { MAX_INFRASTRUCTURE_FAILURES_IN_A_ROW } from "./budget.ts";
import { clock } from "./clock.ts";
import { createFailureGroups, tooManyInfrastructureFailures } from "./failures.ts";
import type { Branch, BranchFinished, BranchStarted, FailureGroup } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";

/** Turns branches into records and keeps count of what failed. */
export interface Recorder {
  readonly started: (branch: Branch) => BranchStarted;
  /** @param sinceMs - When the branch was started, by `clock.now`. */
  readonly finished: (branch: Branch, result: BranchResult, sinceMs: number) => BranchFinished;
  /** Counts a branch that was run, reported or not. */
  readonly count: (result: BranchResult) => void;
  /** @throws ExploreError When too many branches in a row say nothing about the rules. */
  readonly assertAlive: () => void;
  readonly failures: () => readonly FailureGroup[];
  /** In the order reported; empty unless everything is recorded. */
  readonly branches: readonly BranchFinished[];
}

/**
 * Starts without records.
 *
 * @param keeps - Keep what is reported: memory that grows with the search.
 */
export function createRecorder(keeps: boolean): Recorder {
  const groups = createFailureGroups();
  let inARow = 0;
  let last: unknown;
  const branches: BranchFinished[] = [];

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
    started: (branch) => ({ type: "branch-started", branch, startTimeMs: clock.epoch() }),
    branches,
    finished: (branch, result, sinceMs) => {
      const record = finished(branch, result, clock.now() - sinceMs);
      if (keeps) branches.push(record);
      return record;
    },
    count: ({ failure }) => {
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
