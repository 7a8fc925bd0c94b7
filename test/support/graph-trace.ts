import type { Trace, TracedBranch, TracedFailure, TracedStep } from "../../src/trace/trace.ts";
import { toyTrace } from "./toy-trace.ts";

/** A state, an action, and the state it leads to; none when the action fails. */
export type GraphEdge = readonly [from: number, action: number, to?: number];

export interface GraphTraceOptions {
  readonly actions: readonly string[];
  readonly edges: readonly GraphEdge[];
  /** By path, over those of edges that lead nowhere. */
  readonly failures?: Readonly<Record<string, TracedFailure>>;
  readonly step?: (edge: GraphEdge) => Partial<TracedStep>;
}

/** A trace of a graph that is written by hand: what it says is true of no app. */
export function graphTrace({ actions, edges, failures = {}, step }: GraphTraceOptions): Trace {
  const paths = pathsOf(edges);
  const transitions = edges.map((edge) => {
    const [from, action, to] = edge;
    const before = paths.get(from) ?? [];
    return {
      from,
      action,
      ...(to !== undefined && { to }),
      path: [...before, action].join("/"),
      durationMs: 1,
      step: {
        number: before.length + 1,
        action: actions[action] ?? "",
        exchanges: [],
        changes: [],
        output: [],
        ...step?.(edge),
      },
    };
  });
  const branches = transitions.map(({ path, to }): TracedBranch => {
    const names = path.split("/").map((number) => actions[Number(number)]);
    const failure = failures[path] ?? (to === undefined ? thrown : undefined);
    const status = failure === undefined ? "passed" : "failed";
    return { name: names.join(" → "), path, status, durationMs: 1, ...(failure && { failure }) };
  });
  return toyTrace({
    actions,
    states: [...paths].map(([index, path]) => ({
      fingerprint: `f${index}`,
      depth: path.length,
      path: path.join("/"),
    })),
    transitions,
    branches,
  });
}

const thrown: TracedFailure = { kind: "error", message: "it threw", steps: [] };

/** Edges of a tree of that many states, each with so many children, and one loop a state. */
export function treeEdges(states: number, width: number): readonly GraphEdge[] {
  const edges: GraphEdge[] = [];
  let last = 0;
  for (let from = 0; from < states; from += 1) {
    for (let action = 0; action < width && last + 1 < states; action += 1) {
      last += 1;
      edges.push([from, action, last]);
    }
    edges.push([from, width, from]);
  }
  return edges;
}

/** The first path found to each state, in the order of the states. */
function pathsOf(edges: readonly GraphEdge[]): ReadonlyMap<number, readonly number[]> {
  const paths = new Map<number, readonly number[]>([[0, []]]);
  for (const [from, action, to] of edges) {
    if (to !== undefined && !paths.has(to)) paths.set(to, [...(paths.get(from) ?? []), action]);
  }
  return new Map([...paths].toSorted(([a], [b]) => a - b));
}
