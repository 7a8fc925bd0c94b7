import { expect, test } from "vitest";
import { isTimeToSplit } from "../../../../src/explore/shard/split-time.ts";

/** The level that is divided, of levels with so many states and `actions` edges for each. */
function splitLevel(
  states: readonly number[],
  { actions, depth, count }: { actions: number; depth: number; count: number },
): number {
  const levels = states.map((each) => ({ states: each, edges: each * actions }));
  return levels.findIndex((_, at) => isTimeToSplit(levels.slice(0, at + 1), { depth, count }));
}

test("a tree is divided as soon as there is enough for everybody, when much is to come", () => {
  const tree = [1, 4, 16, 64, 256, 1024, 4096, 16_384];

  expect(splitLevel(tree, { actions: 4, depth: 8, count: 2 })).toBe(6);
  expect(splitLevel(tree, { actions: 4, depth: 8, count: 8 })).toBe(5);
});

test("where levels grow more and more slowly they are run in common for longer", () => {
  const confluent = [1, 6, 24, 80, 229, 582, 1326];

  expect(splitLevel(confluent, { actions: 6, depth: 7, count: 4 })).toBe(4);
  expect(splitLevel([1, 8, 61, 416, 1216, 295], { actions: 8, depth: 40, count: 4 })).toBe(4);
});

test("the last level that is run is divided, however small", () => {
  expect(splitLevel([1, 2, 3], { actions: 3, depth: 3, count: 4 })).toBe(2);
  expect(splitLevel([1], { actions: 3, depth: 1, count: 4 })).toBe(0);
});

test("a level with few states for each shard is not divided, unless it is the last", () => {
  expect(splitLevel([1, 2, 3, 4, 4, 4], { actions: 3, depth: 6, count: 2 })).toBe(5);
});
