import type { Edge, Strategy } from "../../src/explore/frontier.ts";
import { depthFirst } from "../../src/explore/strategies/depth-first.ts";

/** Depth first, but asks for the edges of a state that came within the depth only at the end. */
export const askingLast: Strategy = (seed) => {
  const known = depthFirst(seed);
  const unknown: Edge[] = [];
  return {
    push: (edges) => {
      known.push(edges.filter(({ action }) => action !== undefined));
      unknown.push(...edges.filter(({ action }) => action === undefined));
    },
    pop: (here) => known.pop(here) ?? unknown.pop(),
    peek: (here, most) => known.peek(here, most),
  };
};
