import { describe, expect, test } from "vitest";
import { graphOf, statesTo, wayAlong, wayTo } from "../../../../../src/report/html/client/graph.ts";
import { graphTrace } from "../../../../support/graph-trace.ts";

// Depth first: 3 is found by a detour at first.
const graph = graphOf(
  graphTrace({
    actions: ["a", "b"],
    edges: [
      [0, 0, 1],
      [1, 0, 2],
      [2, 0, 3],
      [2, 1, 0],
      [0, 1, 3],
      [3, 0],
    ],
  }),
);

describe("the way to a state", () => {
  test("is the shortest, whatever was found first", () => {
    expect(graph.depths).toEqual([0, 1, 2, 1]);
    expect(wayTo(graph, 3)).toEqual([4]);
    expect(statesTo(graph, 2)).toEqual([0, 1, 2]);
    expect(wayTo(graph, 0)).toEqual([]);
  });

  test("makes a tree", () => {
    expect(graph.children).toEqual([[1, 3], [2], [], []]);
  });

  test("starts at the initial state where no transition leads", () => {
    const trace = graphTrace({ actions: ["a"], edges: [[0, 0, 1]] });
    const lost = { fingerprint: "lost", depth: 1, path: "" };
    const more = graphOf({ ...trace, states: [...trace.states, lost] });

    expect(more.children).toEqual([[1, 2], [], []]);
    expect(more.depths).toEqual([0, 1, 1]);
    expect(wayTo(more, 2)).toEqual([]);
  });
});

test("a path is followed as far as the trace knows it", () => {
  expect(wayAlong(graph, "0/0/0")).toEqual([0, 1, 2]);
  expect(wayAlong(graph, "1/0")).toEqual([4, 5]);
  expect(wayAlong(graph, "1/0/1")).toEqual([4, 5]);
  expect(wayAlong(graph, "")).toEqual([]);
});

test("what leads out of a state and into it is known", () => {
  expect(graph.outgoing[2]).toEqual([2, 3]);
  expect(graph.incoming[3]).toEqual([2, 4]);
  expect(graph.incoming[0]).toEqual([3]);
});
