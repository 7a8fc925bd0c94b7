import type { Trace, TracedTransition } from "../../../trace/trace.ts";

/** A trace's states and transitions, by which of them lead where. */
export interface Graph {
  readonly trace: Trace;
  /** Steps from the initial state, by state. */
  readonly depths: readonly number[];
  /** The transition by which a state is reached first; `undefined` for the initial state. */
  readonly arrivals: readonly (number | undefined)[];
  /** Transitions out of a state, and into it, by state. */
  readonly outgoing: readonly (readonly number[])[];
  readonly incoming: readonly (readonly number[])[];
  /** States that are reached first from a state, by state. */
  readonly children: readonly (readonly number[])[];
}

/** Reads a trace as a graph, with the shortest way to each of its states. */
export function graphOf(trace: Trace): Graph {
  const { states, transitions } = trace;
  const outgoing = states.map((): number[] => []);
  const incoming = states.map((): number[] => []);
  for (const [index, { from, to }] of transitions.entries()) {
    outgoing[from]?.push(index);
    if (to !== undefined) incoming[to]?.push(index);
  }
  return { trace, outgoing, incoming, ...shortestWays(transitions, outgoing) };
}

/** From the initial state outwards; a state that no transition leads to counts as its neighbour. */
function shortestWays(
  transitions: readonly TracedTransition[],
  outgoing: readonly (readonly number[])[],
): Pick<Graph, "depths" | "arrivals" | "children"> {
  const depths = outgoing.map(() => -1);
  const arrivals = outgoing.map((): number | undefined => undefined);
  const children = outgoing.map((): number[] => []);
  const found: number[] = [];
  const reach = (state: number, depth: number): void => {
    depths[state] = depth;
    found.push(state);
  };
  const spread = (): void => {
    for (let next = found.shift(); next !== undefined; next = found.shift()) {
      for (const index of outgoing[next] ?? []) {
        const to = transitions[index]?.to;
        if (to === undefined || depths[to] !== -1) continue;
        arrivals[to] = index;
        children[next]?.push(to);
        reach(to, (depths[next] ?? 0) + 1);
      }
    }
  };
  for (const state of outgoing.keys()) {
    if (depths[state] !== -1) continue;
    if (state !== 0) children[0]?.push(state);
    reach(state, state === 0 ? 0 : 1);
    spread();
  }
  return { depths, arrivals, children };
}

/** The state that a state is reached from first; `undefined` for the initial state. */
export function parentOf({ trace, arrivals }: Graph, state: number): number | undefined {
  if (state === 0) return undefined;
  const arrival = arrivals[state];
  return arrival === undefined ? 0 : trace.transitions[arrival]?.from;
}

/** A state and those on the shortest way to it, the initial state first. */
export function statesTo(graph: Graph, state: number): readonly number[] {
  const states = [state];
  for (let at = parentOf(graph, state); at !== undefined; at = parentOf(graph, at)) states.push(at);
  return states.toReversed();
}

/** The transitions of the shortest way to a state, the first step first. */
export function wayTo(graph: Graph, state: number): readonly number[] {
  return statesTo(graph, state).flatMap((each) => graph.arrivals[each] ?? []);
}

/** The transitions of a path such as `0/2/1`, as far as they are in the trace. */
export function wayAlong({ trace, outgoing }: Graph, path: string): readonly number[] {
  const way: number[] = [];
  let state: number | undefined = 0;
  for (const step of path === "" ? [] : path.split("/")) {
    if (state === undefined) break;
    const index: number | undefined = outgoing[state]?.find(
      (each) => trace.transitions[each]?.action === Number(step),
    );
    if (index === undefined) break;
    way.push(index);
    state = trace.transitions[index]?.to;
  }
  return way;
}
