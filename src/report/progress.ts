import { plural } from "./plural.ts";

/** How far an exploration has come. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  /** Edges found and not run. */
  readonly open: number;
  /** Steps from the initial state to where the search is. */
  readonly depth: number;
  readonly elapsedMs: number;
}

/** What ends an exploration. */
export interface Limits {
  readonly maxStates: number;
  readonly maxTransitions: number;
  readonly timeoutMs: number;
}

/** `120 states, 340 transitions, 80 branches to run, depth 4, 45/s, 7% of the budget`. */
export function progressLine(progress: Progress, limits: Limits): string {
  const { states, transitions, open, depth, elapsedMs } = progress;
  const used = Math.max(
    states / limits.maxStates,
    transitions / limits.maxTransitions,
    elapsedMs / limits.timeoutMs,
  );
  const perSecond = elapsedMs === 0 ? 0 : (transitions * 1000) / elapsedMs;
  return [
    plural(states, "state"),
    plural(transitions, "transition"),
    `${plural(open, "branch", "branches")} to run`,
    `depth ${depth}`,
    `${Math.round(perSecond)}/s`,
    `${Math.floor(used * 100)}% of the budget`,
  ].join(", ");
}
