import type { Edge, Frontier } from "../frontier.ts";
import { breadthFirst } from "../strategies/breadth-first.ts";
import type { Shard } from "./shard.ts";
import { type Level, isTimeToSplit } from "./split-time.ts";

/**
 * Makes a frontier hand out a shard's part of the search.
 *
 * All shards run the first levels, breadth first, and take turns in reporting them. Then the edges of
 * one level are divided: each shard takes a run of neighbours, since those have most in common, and
 * goes on from there in the order of the strategy. So a path belongs to the shard that has its
 * beginning, and to no other; every transition is run by at least one.
 *
 * @param frontier - Of the strategy; empty.
 * @param depth - States that far away are not left.
 */
export function shardFrontier(frontier: Frontier, shard: Shard, depth: number): Frontier {
  const common = breadthFirst(0);
  const levels: Level[] = [];
  const left: Edge[] = [];
  let isSplit = false;
  let turn = 0;
  let reached = -1;

  function count(edges: readonly Edge[]): void {
    const at = edges[0]?.from.depth;
    if (at === undefined) return;
    const known = levels[at] ?? { states: 0, edges: 0 };
    levels[at] = { states: known.states + 1, edges: known.edges + edges.length };
  }

  /** The edges of the level before are all run: the frontier holds the whole next one. */
  function divide(first: Edge): void {
    const edges = [first];
    for (let edge = common.pop(undefined); edge !== undefined; edge = common.pop(undefined)) {
      edges.push(edge);
    }
    const own = edges.filter((edge, place) => {
      const isOwn = Math.floor((place * shard.count) / edges.length) === shard.index - 1;
      if (!isOwn) left.push({ ...edge, shard: "leave" });
      return isOwn;
    });
    isSplit = true;
    frontier.push(own);
  }

  function next(here: Edge["from"] | undefined): Edge | undefined {
    return left.pop() ?? frontier.pop(here);
  }

  return {
    push: (edges) => {
      if (isSplit) {
        frontier.push(edges);
        return;
      }
      count(edges);
      common.push(edges);
    },
    pop: (here) => {
      if (isSplit) return next(here);
      const edge = common.pop(here);
      if (edge === undefined) return undefined;
      if (edge.from.depth > reached) {
        reached = edge.from.depth;
        if (isTimeToSplit(levels, { depth, count: shard.count })) {
          divide(edge);
          return next(here);
        }
      }
      turn = (turn % shard.count) + 1;
      return { ...edge, shard: turn === shard.index ? "report" : "run" };
    },
    // Of the next level most may be others'.
    peek: (here, most) =>
      isSplit
        ? frontier.peek(here, most)
        : common.peek(here, most).filter(({ from }) => from.depth <= reached),
  };
}
