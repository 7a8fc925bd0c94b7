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
  /** What the action is run with is generated. */
  readonly input?: InputSource | undefined;
  /** The name in the spec, where several actions come from one of the spec's. */
  readonly specName?: string | undefined;
}

/** Generates the inputs of an action. Equal questions have equal answers. */
export interface InputSource {
  /** The input that the action has in a state. */
  readonly at: (fingerprint: string) => Input;
  /** Whether an action before it that comes from the same one of the spec has this input there, too. */
  readonly isRepeated: (fingerprint: string) => boolean;
  /** The input of a key, whatever the state. */
  readonly of: (key: string) => Input;
}

/** An input that was generated. */
export interface Input {
  /** Which it is, for a path: digits, small letters and colons. */
  readonly key: string;
  /** As a reader sees it. */
  readonly text: () => string;
  /** Made anew each time: the action may change what it is given. */
  readonly value: () => unknown;
  /** Simpler inputs, the simplest first. */
  readonly simpler: () => Iterable<Input>;
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
  readonly end: (step: EndedStep) => Promise<TracedStep>;
  /** Tells a text as the steps are told: without secrets, with the same names. */
  readonly text: (text: string) => string;
}

/** A step that is over. */
export interface EndedStep extends Pick<TracedStep, "number" | "action"> {
  readonly input?: Input | undefined;
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
  /** What was generated for the action. */
  readonly input?: Input | undefined;
}
