import type { Trace } from "../../../trace/trace.ts";
import { type Graph, graphOf } from "./graph.ts";
import { inOrderOfInterest, type Result, resultsOf } from "./results.ts";
import { wayAlong, statesTo } from "./graph.ts";
import { createViews, type Views } from "./view.ts";

/** An exploration, and what the page works out from its trace. */
export interface Subject {
  /** Its index on the page. */
  readonly index: number;
  readonly trace: Trace;
  readonly graph: Graph;
  readonly results: readonly Result[];
  /** Failed results, the most interesting first. */
  readonly failures: readonly Result[];
  readonly views: Views;
  /** By transition. */
  readonly resultOf: (transition: number) => Result | undefined;
  /** Transitions that lead to a failure, the failing ones included. */
  readonly failingWay: ReadonlySet<number>;
}

/** Works out what is shown of a trace. */
export function subjectOf(trace: Trace, index: number): Subject {
  const graph = graphOf(trace);
  const results = resultsOf(trace);
  const failures = inOrderOfInterest(results);
  // The results of the transitions come first, in their order.
  const resultOf = (transition: number): Result | undefined =>
    transition < trace.transitions.length ? results[transition] : undefined;
  const ends = failures.map(({ path }) => lastState(graph, path));
  const failingWay = new Set(
    failures.flatMap(({ path }, at) => [
      ...wayAlong(graph, path),
      // The way as it is drawn.
      ...statesTo(graph, ends[at] ?? 0).flatMap((state) => graph.arrivals[state] ?? []),
    ]),
  );
  return {
    index,
    trace,
    graph,
    results,
    failures,
    views: createViews(graph, ends),
    resultOf,
    failingWay,
  };
}

/** The last state of a path: the one it led to, else the one its last step was run in. */
export function lastState(graph: Graph, path: string): number {
  const last = graph.trace.transitions[wayAlong(graph, path).at(-1) ?? -1];
  return last === undefined ? 0 : (last.to ?? last.from);
}
