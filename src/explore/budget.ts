import { clock } from "./clock.ts";
import type { EndedBy } from "./records.ts";

/** How long a step may take to settle after its signal was aborted. Milliseconds. */
export const GRACE_MS = 1000;

/** So many branches in a row that failed for reasons outside the rules end the exploration. */
export const MAX_INFRASTRUCTURE_FAILURES_IN_A_ROW = 3;

/** So many times a path is run again, at most, to make one failure shorter. */
export const MAX_SHRINK_RUNS = 500;

/** The limits of one exploration. A limit that is left out does not limit. */
export interface Budget {
  /** Steps from the initial state; states that far away are checked and not left. */
  readonly depth: number;
  readonly maxTransitions?: number | undefined;
  readonly maxStates?: number | undefined;
  /** Milliseconds; looked at between two branches, so the running one is always finished. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds for each call of an action, an invariant, an `enabled` or a hook of a branch. */
  readonly stepTimeoutMs?: number | undefined;
}

/** What a budget is compared with. */
export interface Spent {
  readonly transitions: number;
  readonly states: number;
}

/** Starts the clock and returns the question "which limit is reached?". */
export function startBudget(
  budget: Budget,
  signal: AbortSignal,
): (spent: Spent) => EndedBy | undefined {
  const { maxTransitions = Infinity, maxStates = Infinity, timeoutMs = Infinity } = budget;
  const endMs = clock.now() + timeoutMs;
  return ({ transitions, states }) => {
    if (signal.aborted) return "aborted";
    if (transitions >= maxTransitions) return "maxTransitions";
    if (states >= maxStates) return "maxStates";
    return clock.now() >= endMs ? "timeoutMs" : undefined;
  };
}
