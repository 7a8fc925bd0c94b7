/**
 * What a shard tells of its part of an exploration, so that what all shards tell can be put together.
 * Plain JSON. States have short names, the same on every machine.
 */
export interface ShardReport {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** The depth that was asked for. */
  readonly depth: number;
  /** Whether the search went on beyond what all shards have run. */
  readonly isSplit: boolean;
  /** `<state> <action> <state>`, without the last when the action failed; in the order run. */
  readonly transitions: readonly string[];
  /** So many of them, the first, were run by all shards. */
  readonly common: number;
  readonly complete: boolean;
  readonly endedBy?: string;
  readonly unexplored: number;
  readonly completeTo: number;
  readonly neverEnabled: readonly string[];
  readonly unwitnessed: readonly string[];
  readonly witnesses: readonly ReportedWitness[];
  readonly timings: readonly ReportedTiming[];
  readonly failures: readonly ReportedFailures[];
  /** What was printed of this, which the whole replaces. */
  readonly printed: readonly string[];
}

/** A `sometimes` rule that held, and the branch after which it did. */
export interface ReportedWitness {
  readonly rule: string;
  readonly branch: ReportedBranch;
}

/** A branch by its name, and the number of its steps. */
export interface ReportedBranch {
  readonly name: string;
  readonly length: number;
}

/** How long an action took. */
export interface ReportedTiming {
  readonly action: string;
  readonly runs: number;
  readonly meanMs: number;
}

/** Branches that failed in one way. */
export interface ReportedFailures {
  /** The same for the same way on every machine. */
  readonly manner: string;
  readonly message: string;
  readonly branches: readonly ReportedBranch[];
}
