import { ExploreError } from "../errors.ts";
import type { Path, PathStep } from "../trace/path-codec.ts";

/** A transition that was run and ended in a state. There is one for each state and action. */
export interface Transition {
  readonly from: State;
  readonly action: PathStep;
  readonly to: State;
}

/** What the search knows of a state. Only the graph and the loop write to it. */
export interface State {
  readonly fingerprint: string;
  /** Steps from the initial state by the shortest path known. Only ever shrinks. */
  depth: number;
  /** The last step of that path; `undefined` for the initial state. */
  arrival: Transition | undefined;
  /** Transitions that were run from here. */
  readonly departures: Transition[];
  /** A branch has ended here and passed: only then is the state left again. */
  sound: boolean;
  /** Whether the state's edges are known: `queued` means that the frontier holds the question. */
  expansion: "none" | "queued" | "done";
  /** Edges from here that have not been run. */
  openEdges: number;
}

/** What recording a transition brought. */
export interface Recorded {
  readonly to: State;
  /** States whose shortest known path became shorter; without duplicates. */
  readonly shallower: readonly State[];
}

/**
 * The states and transitions found so far.
 *
 * A state and an action lead to one recorded state, whatever the app does when it is run again. So a
 * path leads to one state, and the name of a branch, which is its path, is unique: a second
 * transition of that name would start in the same state with the same action.
 */
export interface Graph {
  readonly root: State;
  readonly size: () => number;
  readonly states: () => Iterable<State>;
  /** Records where a transition led and shortens the paths behind it. Runs nothing. */
  readonly record: (from: State, action: PathStep, fingerprint: string) => Recorded;
}

/** Starts a graph that holds the initial state. */
export function createGraph(rootFingerprint: string): Graph {
  const states = new Map<string, State>();
  const root = stateAt(rootFingerprint, 0);

  function stateAt(fingerprint: string, depth: number): State {
    const known = states.get(fingerprint);
    if (known !== undefined) return known;
    const state: State = {
      fingerprint,
      depth,
      arrival: undefined,
      departures: [],
      sound: false,
      expansion: "none",
      openEdges: 0,
    };
    states.set(fingerprint, state);
    return state;
  }

  return {
    root,
    size: () => states.size,
    states: () => states.values(),
    record: (from, action, fingerprint) => {
      const known = next(from, action);
      if (known !== undefined) return { to: known, shallower: [] };
      // Infinitely far until relaxed, so that a new state needs no case of its own.
      const to = stateAt(fingerprint, Infinity);
      const transition: Transition = { from, action, to };
      from.departures.push(transition);
      return { to, shallower: relax(transition) };
    },
  };
}

/** Where an action led from a state, if it was run there. */
export function next(from: State, action: PathStep): State | undefined {
  return from.departures.find((transition) => transition.action === action)?.to;
}

/** The shortest path known to a state. */
export function pathTo(state: State): PathStep[] {
  const path = Array.from<PathStep>({ length: state.depth });
  let at = state;
  for (let index = state.depth - 1; index >= 0; index -= 1) {
    const { arrival } = at;
    if (arrival === undefined) throw leadsNowhere(state);
    path[index] = arrival.action;
    at = arrival.from;
  }
  return path;
}

/** The recorded transitions along a path that was run. */
export function follow(root: State, path: Path): Transition[] {
  let from = root;
  return path.map((action) => {
    const transition = from.departures.find((candidate) => candidate.action === action);
    if (transition === undefined) throw leadsNowhere(from);
    from = transition.to;
    return transition;
  });
}

/** The bug of a graph that lost a path. */
export function leadsNowhere(state: State): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `No recorded path leads to or from state ${state.fingerprint}.\n` +
      "This is a bug in vitest-explore: report it with the spec.",
  );
}

/**
 * Hands a shorter path on to the states behind it. First in, first out: each state gets its final
 * depth the first time, so none is visited twice.
 */
function relax(first: Transition): State[] {
  const shallower: State[] = [];
  const queue = [first];
  for (const transition of queue) {
    const { from, to } = transition;
    if (from.depth + 1 >= to.depth) continue;
    to.depth = from.depth + 1;
    to.arrival = transition;
    shallower.push(to);
    queue.push(...to.departures);
  }
  return shallower;
}
