import type { TracedValue } from "./value-codec.ts";

/** Raised when a reader of the version before would misread a trace. */
export const TRACE_VERSION = 1;

/**
 * The record of one exploration, as plain JSON: `docs/trace.md` describes it for readers.
 *
 * Secrets are masked, generated values and times are named, long texts are cut, so that two runs of
 * one spec against one app give the same trace, but for the fields whose names end in `Ms` and for
 * what the app prints.
 */
export interface Trace {
  readonly version: typeof TRACE_VERSION;
  /** The test file, relative to the project's root, and the exploration's name with its suites. */
  readonly exploration: { readonly module: string; readonly name: string };
  readonly settings: {
    readonly depth: number;
    readonly seed: number;
    readonly strategy: string;
    /** The record is of the part that one of several machines has run; `index` counts from 1. */
    readonly shard?: { readonly index: number; readonly count: number };
  };
  /** Names by action number. */
  readonly actions: readonly string[];
  readonly invariants: readonly {
    readonly name: string;
    readonly expectation: "always" | "sometimes";
  }[];
  /** In the order found; the first is the initial state. Others refer to a state by its index. */
  readonly states: readonly TracedState[];
  /** In the order run: one for each state and action. */
  readonly transitions: readonly TracedTransition[];
  /** In the order reported. */
  readonly branches: readonly TracedBranch[];
  readonly witnesses: readonly { readonly invariant: string; readonly path: string }[];
  readonly summary: TracedSummary;
}

/** A state that was reached. */
export interface TracedState {
  /** The same state has the same fingerprint in another run, on another machine too. */
  readonly fingerprint: string;
  /** Steps from the initial state by the shortest path. */
  readonly depth: number;
  /** That path, as `0/2/1`; empty for the initial state. */
  readonly path: string;
}

/** An action that was run in a state. */
export interface TracedTransition {
  /** The index of the state it was run in. */
  readonly from: number;
  /** The number of the action. */
  readonly action: number;
  /** The index of the state it led to; absent when it failed on the way. */
  readonly to?: number;
  /** By which it was run. */
  readonly path: string;
  readonly durationMs: number;
  readonly step?: TracedStep;
}

/** A reported branch. */
export interface TracedBranch {
  /** `create order → refund` */
  readonly name: string;
  /** `0/1` */
  readonly path: string;
  readonly status: "passed" | "failed";
  readonly durationMs: number;
  readonly failure?: TracedFailure;
}

/** Why a branch failed. */
export interface TracedFailure {
  readonly kind: "violation" | "error" | "diverged" | "infrastructure";
  /** What was thrown, or which invariant does not hold. */
  readonly message: string;
  readonly invariant?: string;
  /** The number of the step that failed, from 1, when it is not the last of the path. */
  readonly failedAt?: number;
  /** A shorter path that fails in the same way, as `0/2/1`: the steps are those of this one. */
  readonly shrunk?: string;
  /** The path that failed with the inputs of its steps, as `EXPLORE_REPLAY` takes it. */
  readonly replay?: string;
  /** The name of the branch that failed in the same way before; the steps are told there. */
  readonly sameAs?: string;
  /** Every step of the replay, or the last one alone where there was none. */
  readonly steps: readonly TracedStep[];
}

/** What happened in one step. */
export interface TracedStep {
  /** The step's place in the path, from 1. */
  readonly number: number;
  readonly action: string;
  /** What was generated for the action; `{ $text }` where JSON has no word for it. */
  readonly input?: TracedValue;
  /** Requests in the order they were begun. */
  readonly exchanges: readonly TracedExchange[];
  /** Earlier requests of the step that were not kept. */
  readonly omittedExchanges?: number;
  /** What the step changed in each system; absent when it could not be read. */
  readonly changes?: readonly TracedDiff[];
  /** What the systems printed. */
  readonly output: readonly { readonly system: string; readonly text: string }[];
  /** Requests of the invariants that were checked after the step. */
  readonly checks?: readonly TracedExchange[];
}

/** A request and its response. */
export interface TracedExchange {
  /** The system that was asked, e.g. `api`. */
  readonly system: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: TracedText;
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: TracedText;
  };
  /** Why there is no response. */
  readonly error?: string;
}

/** A text, or its beginning. */
export interface TracedText {
  readonly text: string;
  /** Characters (of bytes: bytes) that were left out at the end. */
  readonly omitted?: number;
}

/** The difference that a step made in one table, key space or other collection. */
export interface TracedDiff {
  readonly system: string;
  readonly collection: string;
  readonly columns: readonly string[];
  /** Indexes of the columns that tell rows apart. */
  readonly key: readonly number[];
  /** Added rows have no `before`, removed ones no `after`. */
  readonly changes: readonly TracedChange[];
  /** Further changed rows that were left out. */
  readonly omitted?: number;
}

/** One row that a step changed; values in the order of the columns. */
export interface TracedChange {
  readonly before?: readonly TracedValue[];
  readonly after?: readonly TracedValue[];
}

/** How the exploration ended. */
export interface TracedSummary {
  readonly outcome: "exhausted" | "budget" | "violation";
  readonly complete: boolean;
  /** What kept it from being complete. */
  readonly endedBy?: string;
  /** Edges found and not run. */
  readonly unexplored: number;
  readonly neverEnabled: readonly string[];
  readonly unwitnessed: readonly string[];
}
