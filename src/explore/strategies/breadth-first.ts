import type { Edge, Strategy } from "../frontier.ts";

/**
 * Runs every path of length n before any of length n + 1, so the first violation found has a
 * shortest path. The frontier grows with the widest level of the state graph.
 */
export const breadthFirst: Strategy = () => {
  let edges: Edge[] = [];
  let head = 0;
  return {
    push: (more) => {
      for (const edge of more) edges.push(edge);
    },
    pop: () => {
      const edge = edges[head];
      if (edge === undefined) return undefined;
      head += 1;
      // Dropping the used half keeps pop O(1) amortised; Array#shift would be O(n).
      if (head * 2 > edges.length) [edges, head] = [edges.slice(head), 0];
      return edge;
    },
    peek: (_here, most) => edges.slice(head, head + most),
  };
};
