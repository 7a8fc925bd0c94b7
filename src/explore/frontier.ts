import type { PathStep } from "../trace/path-codec.ts";
import type { State } from "./graph.ts";

/** A transition that was not run yet. */
export interface Edge {
  readonly from: State;
  /** `undefined`: which edges leave the state is not known yet and has to be asked there. */
  readonly action: PathStep | undefined;
  /** What the action's `enabled` threw when it was asked; its branch fails with it. */
  readonly thrown?: { readonly error: unknown };
  /**
   * Where shards share the search. `report`, `run`: all shards run it, and this one is to report it
   * or not. `leave`: it is another's. Absent: it is this one's alone.
   */
  readonly shard?: "report" | "run" | "leave";
}

/** The edges found and not yet run. */
export interface Frontier {
  /** Adds edges, those of one state in the order of the actions. */
  readonly push: (edges: readonly Edge[]) => void;
  /**
   * Takes out the edge to run next; `undefined` when there is none.
   *
   * @param here - The state that the subject is in, when it is known.
   */
  readonly pop: (here: State | undefined) => Edge | undefined;
  /**
   * Edges that will leave soon, soonest first as far as that can be told. Takes nothing out.
   *
   * @param most - How many, at most.
   */
  readonly peek: (here: State | undefined, most: number) => readonly Edge[];
}

/**
 * The order in which edges leave the frontier, and nothing else: a strategy sees no world and no
 * clock. Whatever the order, each edge is run once, so every strategy reaches the same states.
 *
 * @param seed - Where chance comes from. The same seed gives the same order.
 */
export type Strategy = (seed: number) => Frontier;
