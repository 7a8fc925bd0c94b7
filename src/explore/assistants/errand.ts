import type { PathStep } from "../../trace/path-codec.ts";
import type { TracedStep } from "../../trace/trace.ts";

/** A transition that an assistant shall run. Plain data, like all that passes between the two. */
export interface Errand {
  /** The way from the initial state to the state it starts from. */
  readonly way: readonly WayStep[];
  /** `undefined`: only ask which actions are enabled in that state. */
  readonly action: PathStep | undefined;
  /** Run the hooks of a branch around it. */
  readonly hooked: boolean;
  /** `sometimes` invariants that need no further witness. */
  readonly witnessed: readonly string[];
}

/** A step of a way, and the state it leads to. */
export interface WayStep {
  readonly action: PathStep;
  readonly fingerprint: string;
}

/** What came of an errand whose transition passed. */
export interface Passed {
  /** The state it ended in. */
  readonly fingerprint: string;
  /** Actions enabled in that state; absent when it is too deep to go on from. */
  readonly enabled?: readonly number[];
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  /** `sometimes` invariants that held. */
  readonly witnesses: readonly string[];
  /** Present when everything is recorded. */
  readonly step?: TracedStep;
  /** What was sent, where an oracle wants to know. */
  readonly requests?: string;
  /** What the user's functions told on the way, for `ExploreOptions.retell`. */
  readonly told?: unknown;
}

/** Somebody who runs transitions ahead of the search, in a world of its own. */
export interface Assistant {
  /** The initial state of its world. */
  readonly fingerprint: string;
  /**
   * Runs an errand; those given meanwhile wait for their turn.
   *
   * @returns `undefined` when it did not simply pass: the search has to look itself.
   * @throws Whatever has happened to the assistant; it is not asked again.
   */
  readonly run: (errand: Errand) => Promise<Passed | undefined>;
  /** Nothing starts from that state any more. */
  readonly release: (fingerprint: string) => void;
}
