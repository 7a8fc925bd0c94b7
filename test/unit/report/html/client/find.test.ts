import { describe, expect, test } from "vitest";
import { find, rulesOf } from "../../../../../src/report/html/client/find.ts";
import {
  inOrderOfInterest,
  resultsOf,
  ruleOf,
} from "../../../../../src/report/html/client/results.ts";
import { graphTrace } from "../../../../support/graph-trace.ts";

const trace = graphTrace({
  actions: ["Create order", "refund"],
  edges: [
    [0, 0, 1],
    [1, 0, 2],
    [1, 1],
    [2, 1],
    [0, 1, 0],
  ],
  failures: {
    "0/0/1": { kind: "violation", message: "m", invariant: "money", sameAs: "x", steps: [] },
    "0/1": { kind: "violation", message: "m", invariant: "money", steps: [] },
    "1": { kind: "error", message: "m", steps: [] },
  },
});
const sequence = {
  name: "Create order → refund → refund",
  path: "0/1/1",
  status: "passed",
} as const;
const start = { name: "", path: "", status: "failed" } as const;
const results = resultsOf({
  ...trace,
  branches: [
    ...trace.branches,
    { ...sequence, durationMs: 1 },
    { ...start, durationMs: 1, failure: { kind: "error", message: "m", steps: [] } },
  ],
});
const names = (found: readonly { readonly name: string }[]): readonly string[] =>
  found.map(({ name }) => name);

describe("results", () => {
  test("are those of the transitions, then branches that are none", () => {
    expect(
      results.map(({ item, name, outcome }) => [item.kind, item.index, name, outcome]),
    ).toEqual([
      ["transition", 0, "Create order", "passed"],
      ["transition", 1, "Create order → Create order", "passed"],
      ["transition", 2, "Create order → refund", "failed"],
      ["transition", 3, "Create order → Create order → refund", "failed"],
      ["transition", 4, "refund", "failed"],
      ["branch", 5, "Create order → refund → refund", "passed"],
      ["branch", 6, "initial state", "failed"],
    ]);
  });

  test("of transitions without a branch are told by where they led", () => {
    const bare = resultsOf({ ...trace, branches: [] });

    expect(bare.map(({ name, outcome }) => [name, outcome])).toContainEqual([
      "Create order → refund",
      "failed",
    ]);
    expect(bare[0]?.outcome).toBe("passed");
  });

  test("of most interest are the first of a kind, by the shortest path", () => {
    expect(names(inOrderOfInterest(results))).toEqual([
      "initial state",
      "refund",
      "Create order → refund",
      "Create order → Create order → refund",
    ]);
  });
});

describe("search", () => {
  test("finds all words of a name, in any order and case, failed branches first", () => {
    expect(names(find(results, { text: " REFUND create ", outcome: "all" }))).toEqual([
      "Create order → refund",
      "Create order → Create order → refund",
      "Create order → refund → refund",
    ]);
    expect(find(results, { text: "", outcome: "all" })).toHaveLength(7);
    expect(find(results, { text: "refund nothing", outcome: "all" })).toEqual([]);
  });

  test("finds by outcome and by the rule that was broken", () => {
    expect(names(find(results, { text: "", outcome: "passed" }))).toEqual([
      "Create order",
      "Create order → Create order",
      "Create order → refund → refund",
    ]);
    expect(find(results, { text: "", outcome: "failed" })).toHaveLength(4);
    expect(names(find(results, { text: "", outcome: "rule:money" }))).toEqual([
      "Create order → refund",
      "Create order → Create order → refund",
    ]);
  });

  test("offers each rule once", () => {
    expect(rulesOf(results)).toEqual(["money", "an error was thrown"]);
    expect(ruleOf({ kind: "infrastructure", message: "", steps: [] })).toBe("the machinery failed");
  });
});
