import { expect, test } from "vitest";
import { learn, noKnowledge } from "../../../../src/explore/identity/index.ts";
import { added, orders } from "./worlds.ts";

test("learning nothing new returns the same knowledge", () => {
  const one = learn(noKnowledge, orders(added(1, 100)));
  expect(learn(one, orders(added(1, 200)))).toBe(one);
  expect(learn(one, orders())).toBe(one);
});

test("learning leaves the knowledge of the state before alone", () => {
  const one = learn(noKnowledge, orders(added(1, 100)));
  const left = learn(one, orders(added(1, 100), added(2, 100)));
  const right = learn(one, orders(added(1, 100), added(3, 100)));
  const made = [noKnowledge, one, left, right].map(({ domains }) =>
    [...domains.values()].flatMap((domain) => [...domain.made]),
  );
  expect(made).toEqual([
    [],
    [[1, 1]],
    [
      [1, 1],
      [2, 2],
    ],
    [
      [1, 1],
      [3, 2],
    ],
  ]);
});

test("rows of the root teach nothing", () => {
  expect(learn(noKnowledge, orders({ before: [1, 5], after: [1, 7] }, { before: [2, 5] }))).toBe(
    noKnowledge,
  );
});
