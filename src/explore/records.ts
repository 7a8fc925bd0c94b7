import type { Path } from "../trace/path-codec.ts";
import type { ShardPart } from "./shard/shard.ts";
import type { Trace, TracedStep } from "../trace/trace.ts";

/** One transition, reported under the shortest path known to it when it was run. */
export interface Branch {
  /** `create order → refund`; `initial state` for the empty path. Unique within an exploration. */
  readonly name: string;
  readonly path: Path;
  /** Action names, first step first. */
  readonly steps: readonly string[];
}

/** Why a branch failed. */
export interface Failure {
  /**
   * `violation`: an `always` invariant answered false. `error`: the user's action or invariant threw.
   * `diverged`: the same path led elsewhere when it was replayed. `infrastructure`: the app or a
   * system stopped working; says nothing about the rules.
   */
  readonly kind: "violation" | "error" | "diverged" | "infrastructure";
  /** What was thrown; for a violation an error whose message names the invariant. */
  readonly error: unknown;
  /** The error's message without secrets, with the names that `steps` uses. */
  readonly message?: string;
  /** Set when `kind` is `violation`, and when an invariant threw. */
  readonly invariant?: string;
  /** The name of the first branch that failed in the same way, unless this is the first. */
  readonly sameAs?: string;
  /** The number of the step that failed, from 1, when it is not the last. */
  readonly failedAt?: number;
  /** A shorter path that ends in the same failure, when there is one: `steps` are those of this. */
  readonly shrunk?: Branch;
  /** The path with the inputs of its steps, when they take some; `shrunk` has a path of its own. */
  readonly replay?: Path;
  /** What happened on the way: every step of the replay, or the last one where there was none. */
  readonly steps?: readonly TracedStep[];
}

/** A branch that failed, and why. */
export interface Failed {
  readonly branch: Branch;
  readonly failure: Failure;
}

/** The path that shows a failure again: the shorter one, and with its inputs. */
export function replayPath({ branch, failure }: Failed): Path {
  return failure.shrunk?.path ?? failure.replay ?? branch.path;
}

/** One run of a branch; there are several only with `retry`. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  readonly failure?: Failure;
}

/** A branch is about to run; nothing of it has happened yet. */
export interface BranchStarted {
  readonly type: "branch-started";
  readonly branch: Branch;
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
  /** The fingerprint of the state that its last step starts in, where shards share the search. */
  readonly from?: string;
}

/** A branch has run. */
export interface BranchFinished {
  readonly type: "branch-finished";
  readonly branch: Branch;
  readonly status: "passed" | "failed";
  /** First attempt first; never empty. A passed branch's last attempt has no failure. */
  readonly attempts: readonly Attempt[];
  /** The last attempt's failure. */
  readonly failure?: Failure;
  readonly durationMs: number;
}

/** What an exploration tells while it runs. The summary is the generator's return value. */
export type ExplorationRecord = BranchStarted | BranchFinished;

/** Branches that failed in the same way. */
export interface FailureGroup {
  /** Names the way; the same on every machine. */
  readonly manner: string;
  readonly failure: Failure;
  /** In the order found; never empty. */
  readonly branches: readonly Branch[];
}

/**
 * What kept a search from running every branch within the depth: a limit, an abort, a failure in the
 * initial state, or that only certain paths were asked for.
 */
export type EndedBy =
  | "maxTransitions"
  | "maxStates"
  | "timeoutMs"
  | "aborted"
  | "initialState"
  | "paths";

/** How long an action took. */
export interface Timing {
  readonly action: string;
  readonly runs: number;
  /** Milliseconds, invariants included. */
  readonly meanMs: number;
}

/** The result of an exploration. */
export interface Summary {
  /**
   * `violation`: at least one branch failed. `exhausted`: everything within the depth was run and
   * nothing failed. `budget`: nothing failed, and the search ended before; `endedBy` says why.
   */
  readonly outcome: "exhausted" | "budget" | "violation";
  /** Whether every branch within the depth was run, whatever was found. */
  readonly complete: boolean;
  /** Set unless the search is complete. */
  readonly endedBy?: EndedBy;
  /** Edges found and not run; a state whose edges are not known yet counts as one. */
  readonly unexplored: number;
  readonly states: number;
  readonly transitions: number;
  /** Steps run again, to get back to a state or to confirm or shorten a failure: no transitions. */
  readonly replayedSteps: number;
  /** The largest number of steps from the initial state to a state that was reached. */
  readonly depth: number;
  /** Actions that no reached state enabled, in the spec's order; empty when `endedBy` is `paths`. */
  readonly neverEnabled: readonly string[];
  /** `sometimes` invariants that held, with the first branch after which they did. */
  readonly witnesses: ReadonlyMap<string, Branch>;
  /** `sometimes` invariants that never held. A failure only when the search is complete. */
  readonly unwitnessed: readonly string[];
  /** Every branch of so many steps or fewer was run. */
  readonly completeTo: number;
  /** How long each action took when it was a branch's last step, in the spec's order. */
  readonly timings: readonly Timing[];
  readonly failures: readonly FailureGroup[];
  /** Names of branches that failed last time and passed now. */
  readonly fixed: readonly string[];
  /** Names of branches that failed last time and can not be run any more. */
  readonly gone: readonly string[];
  /** Present when it was asked for. */
  readonly trace?: Trace;
  /** Present when the search was shared: everything else here is about this shard's part. */
  readonly shard?: ShardPart;
}
