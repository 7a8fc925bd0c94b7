import type { Node as AnyNode } from "../../sql/history.ts";

/** The state of all sequences: last values, and whether they were given out. Numbers as texts. */
export interface Counters {
  readonly last: readonly string[] | null;
  readonly called: readonly boolean[] | null;
}

/** A checkpoint of a database. */
export type Node = AnyNode<Counters>;
