import type { OracleSwitches } from "./oracles/index.ts";
import type { StepFacts } from "./oracles/oracle.ts";
import type { TracedStep } from "../trace/trace.ts";

/** A promise or the value itself: every function the user writes may be either. */
export type Awaitable<T> = T | Promise<T>;

/**
 * A step a client could take.
 *
 * @typeParam Args - What the user's functions receive: the world's handles and the context.
 */
export interface Action<Args> {
  readonly name: string;
  /** Asked once per state, before the action is run from it. Must not change anything. */
  readonly enabled?: (args: Args) => Awaitable<boolean>;
  readonly run: (args: Args) => unknown;
  /** Differs from the spec's. */
  readonly oracles?: OracleSwitches | undefined;
}

/** A rule over states, checked after every step and in the initial state. */
export interface Invariant<Args> {
  readonly name: string;
  /**
   * `always`: a state where `holds` answers false is a violation.
   * `sometimes`: fails when the search is exhausted and no state answered true; not known when the
   * budget ended first.
   */
  readonly expectation: "always" | "sometimes";
  /** Where it was declared, as a line of a stack. */
  readonly declaredAt?: string | undefined;
  readonly holds: (args: Args) => Awaitable<boolean>;
}

/**
 * What the search needs of the thing it explores: a point to return to, a name for the current
 * state, and what to hand to the user's functions. The world is one; a toy model is another.
 *
 * @typeParam Mark - A point to return to.
 */
export interface Subject<Args, Mark = unknown> {
  /** `stack`: `rollback` reaches ancestors of the current state only, and discards later marks. */
  readonly history: "stack" | "tree";
  readonly checkpoint: () => Awaitable<Mark>;
  readonly rollback: (to: Mark) => Awaitable<void>;
  readonly release: (mark: Mark) => Awaitable<void>;
  /** Names the current state: equal fingerprints are the same state. */
  readonly fingerprint: () => Awaitable<string>;
  /** Throws when the current state is not what it was when it was named; asked before it is left. */
  readonly assertSettled?: () => Awaitable<void>;
  /** Made anew for each step; `signal` is aborted when the step's time is up. */
  readonly args: (step: StepInfo) => Args;
  /** Says in a few words what the current state holds, for a report of a divergence. */
  readonly describe?: () => Awaitable<string>;
  /** Starts to record a path, of which any number of steps at the end may be told. */
  readonly record?: () => Recording;
}

/** Records what happens in steps, one after another. Cheap until `end`. Never throws. */
export interface Recording {
  /** What happens from now on belongs to a step of the subject's present state. */
  readonly begin: () => void;
  /** The action is over: what happens from now on is the doing of hooks and invariants. */
  readonly acted: () => Awaitable<void>;
  /** What has happened up to `acted`, for oracles; `undefined` when it is not known. */
  readonly facts: () => StepFacts | undefined;
  /** Tells the step. */
  readonly end: (step: Pick<TracedStep, "number" | "action">) => Promise<TracedStep>;
  /** Tells a text as the steps are told: without secrets, with the same names. */
  readonly text: (text: string) => string;
}

/** A subject in its present state: only checkpoints and travel move it in time. */
export type Present<Args> = Omit<Subject<Args>, "checkpoint" | "rollback" | "release">;

/** Where a step stands; what the subject may want to know when it makes the arguments. */
export interface StepInfo {
  /** The branch that is running, e.g. `create → refund`. */
  readonly branch: string;
  readonly signal: AbortSignal;
  /** The step is run again, to get back to a state: what it tells the user was told before. */
  readonly replayed?: boolean;
}
