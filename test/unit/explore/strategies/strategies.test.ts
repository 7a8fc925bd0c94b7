import { describe, expect, test } from "vitest";
import type { Edge, Frontier } from "../../../../src/explore/frontier.ts";
import { createGraph, type State } from "../../../../src/explore/graph.ts";
import { breadthFirst } from "../../../../src/explore/strategies/breadth-first.ts";
import { depthFirst } from "../../../../src/explore/strategies/depth-first.ts";
import { STRATEGIES } from "../../../../src/explore/strategies/index.ts";
import { randomWalk } from "../../../../src/explore/strategies/random-walk.ts";

const state = (name: string): State => createGraph(name).root;
const edges = (from: State, count: number): Edge[] =>
  Array.from({ length: count }, (_, action) => ({ from, action }));

function drain(frontier: Frontier, here?: State): string[] {
  const order: string[] = [];
  for (let edge = frontier.pop(here); edge !== undefined; edge = frontier.pop(here)) {
    order.push(`${edge.from.fingerprint}${edge.action}`);
  }
  return order;
}

test.for(Object.entries(STRATEGIES))("%s gives back every edge once", ([, strategy]) => {
  const frontier = strategy(7);
  frontier.push(edges(state("a"), 3));
  const order = [frontier.pop(undefined)].map((edge) => `${edge?.from.fingerprint}${edge?.action}`);
  frontier.push(edges(state("b"), 40));
  frontier.push([]);
  order.push(...drain(frontier));

  const all = [3, 40].flatMap((count, index) =>
    edges(state("ab"[index] ?? ""), count).map(
      ({ from, action }) => `${from.fingerprint}${action}`,
    ),
  );
  expect(order.toSorted()).toEqual(all.toSorted());
  expect(frontier.pop(undefined)).toBeUndefined();
});

test("breadth first takes the edges in the order in which they came", () => {
  const frontier = breadthFirst(0);
  frontier.push(edges(state("a"), 2));
  frontier.push(edges(state("b"), 2));

  expect(drain(frontier)).toEqual(["a0", "a1", "b0", "b1"]);
});

test("depth first takes the state that came last, from its first action on", () => {
  const frontier = depthFirst(0);
  frontier.push(edges(state("a"), 2));
  frontier.push(edges(state("b"), 2));

  expect(drain(frontier)).toEqual(["b0", "b1", "a0", "a1"]);
});

const orderOf = (seed: number): string[] => {
  const frontier = randomWalk(seed);
  for (const name of ["a", "b", "c", "d"]) frontier.push(edges(state(name), 4));
  return drain(frontier);
};

describe("random walk", () => {
  test("goes on from where it is while it can", () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const here = state("here");
      const frontier = randomWalk(seed);
      frontier.push(edges(state("a"), 9));
      frontier.push(edges(here, 3));
      frontier.push(edges(state("b"), 9));

      const order = drain(frontier, here);

      expect(order.slice(0, 3).toSorted()).toEqual(["here0", "here1", "here2"]);
    }
  });

  test("gives the same order for the same seed, and others for others", () => {
    const orders = Array.from({ length: 50 }, (_, seed) => orderOf(seed).join(" "));

    expect(orderOf(3)).toEqual(orderOf(3));
    expect(new Set(orders).size).toBe(50);
  });

  test("may start anywhere", () => {
    const first = Array.from({ length: 200 }, (_, seed) => orderOf(seed)[0]);

    expect(new Set(first).size).toBe(16);
  });
});
