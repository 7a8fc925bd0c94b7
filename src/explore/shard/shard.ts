import type { PathStep } from "../../trace/path-codec.ts";

/**
 * One of several machines that run parts of one search. They do not talk to each other: which part is
 * whose follows from what all of them have run.
 */
export interface Shard {
  /** From 1, as Vitest counts them. */
  readonly index: number;
  readonly count: number;
}

/** What a shard has run, so that the results of all can be put together. */
export interface ShardPart extends Shard {
  /** Whether the search went on beyond what all shards run: else each has run all of it. */
  readonly isSplit: boolean;
  /** In the order run. */
  readonly transitions: readonly ShardTransition[];
}

/** A transition, by the fingerprints of its states. */
export interface ShardTransition {
  readonly from: string;
  readonly action: PathStep;
  /** Absent when the action failed on the way. */
  readonly to: string | undefined;
  /** All shards have run it. */
  readonly common: boolean;
}
