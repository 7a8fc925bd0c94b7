import type { Edge, Strategy } from "../frontier.ts";

/**
 * Goes on from the state just reached, and steps back only when nothing is left there. Needs the
 * fewest replayed steps where history is a stack; the first violation found may have a long path.
 */
export const depthFirst: Strategy = () => {
  const edges: Edge[] = [];
  return {
    push: (more) => {
      // Backwards, so that the first action is also the first to be taken out.
      for (const edge of more.toReversed()) edges.push(edge);
    },
    pop: () => edges.pop(),
    peek: (_here, most) => edges.slice(-most).toReversed(),
  };
};
