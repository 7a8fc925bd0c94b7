import type { PathStep } from "../trace/path-codec.ts";
import type { State } from "./graph.ts";

/** What each action has sent in each state, for the oracle that compares two steps. */
export interface Sent {
  readonly note: (step: SentBy, requests: string | undefined) => void;
  readonly of: (from: State, action: PathStep) => string | undefined;
  /** Whether the step by which the state was reached was the same action and has sent the same. */
  readonly isRepeat: (from: State, action: PathStep, requests: string) => boolean;
}

interface SentBy {
  readonly from: State;
  readonly action: PathStep | undefined;
}

/** Starts without steps. */
export function createSent(): Sent {
  const sent = new WeakMap<State, Map<PathStep, string>>();
  const of: Sent["of"] = (from, action) => sent.get(from)?.get(action);
  return {
    of,
    note: ({ from, action }, requests) => {
      if (action === undefined || requests === undefined) return;
      const own = sent.get(from) ?? new Map<PathStep, string>();
      sent.set(from, own.set(action, requests));
    },
    isRepeat: ({ arrival }, action, requests) =>
      arrival?.action === action && of(arrival.from, action) === requests,
  };
}
