import { describe, expect, test } from "vitest";
import { type Graph, graphOf } from "../../../../../src/report/html/client/graph.ts";
import {
  createViews,
  type View,
  type ViewStart,
  WHOLE,
} from "../../../../../src/report/html/client/view.ts";
import { graphTrace, treeEdges } from "../../../../support/graph-trace.ts";

function tree(states: number, width: number): Graph {
  const actions = Array.from({ length: width + 1 }, (_, index) => `action ${index}`);
  return graphOf(graphTrace({ actions, edges: treeEdges(states, width) }));
}

describe("a small graph", () => {
  test("is shown as a whole", () => {
    const view = createViews(tree(10, 3), []).from(WHOLE);

    expect(view.states).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(view.more.size).toBe(0);
  });
});

describe("a large graph", () => {
  // 0 – 1 2, 1 – 3 4, 2 – 5 6, 3 – 7 8, …
  const graph = tree(31, 2);

  test("is shown from the root outwards, and how many states are left beneath each", () => {
    const view = createViews(graph, [], 5).from(WHOLE);

    expect(view.states).toEqual([0, 1, 2, 3, 4]);
    expect(Object.fromEntries(view.more)).toEqual({
      2: { count: 14, start: { root: 2, skip: 0 } },
      3: { count: 6, start: { root: 3, skip: 0 } },
      4: { count: 6, start: { root: 4, skip: 0 } },
    });
  });

  test("shows the ways to failures first", () => {
    const view = createViews(graph, [30], 6).from(WHOLE);

    expect(view.states).toEqual([0, 2, 6, 14, 30, 1]);
  });

  test("leaves a failure to a later view that does not fit any more", () => {
    const views = createViews(graph, [30, 15, 5], 7);

    expect(views.from(WHOLE).states).toEqual([0, 2, 6, 14, 30, 1, 5]);
    expect(views.showing(15).map(({ root }) => root)).toEqual([0, 1]);
  });

  test("leads from view to view to every state", () => {
    const views = createViews(graph, [30], 4);
    for (const state of graph.depths.keys()) {
      const last = views.showing(state).at(-1);
      expect(last?.has.has(state), `state ${state}`).toBe(true);
    }
  });
});

test("a state with more children than fit continues in further views", () => {
  const views = createViews(tree(21, 20), [13], 8);
  const seen: View[] = [];
  let start: ViewStart | undefined = WHOLE;
  while (start !== undefined && seen.length < 21) {
    const view: View = views.from(start);
    seen.push(view);
    start = view.more.get(0)?.start;
  }

  expect(seen.map(({ states }) => states)).toEqual([
    [0, 13, 1, 2, 3, 4, 5, 6],
    [0, 7, 8, 9, 10, 11, 12, 14],
    [0, 15, 16, 17, 18, 19, 20],
  ]);
  expect(views.showing(20).map(({ skip }) => skip)).toEqual([0, 7, 14]);
});

test("every state of 2,000 is in some view, and no view is too large", () => {
  const graph = tree(2000, 4);
  const views = createViews(graph, [1999, 1500, 700]);
  const waiting = [WHOLE];
  const seen = new Set<number>();
  let turns = 0;
  for (let start = waiting.shift(); start !== undefined; start = waiting.shift()) {
    expect((turns += 1)).toBeLessThan(2000);
    const view = views.from(start);
    expect(view.states.length).toBeLessThanOrEqual(80);
    for (const state of view.states) seen.add(state);
    waiting.push(...[...view.more.values()].map((more) => more.start));
  }

  expect(seen.size).toBe(2000);
});
