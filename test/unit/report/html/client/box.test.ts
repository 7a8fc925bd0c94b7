import { describe, expect, test } from "vitest";
import { boxOf, cut, edgesOf } from "../../../../../src/report/html/client/box.ts";
import { subjectOf } from "../../../../../src/report/html/client/subject.ts";
import { WHOLE } from "../../../../../src/report/html/client/view.ts";
import { graphTrace, treeEdges, type GraphEdge } from "../../../../support/graph-trace.ts";

const row = ([, action]: GraphEdge) =>
  action === 2
    ? {}
    : {
        changes: [
          {
            system: "db",
            collection: "orders",
            columns: ["id"],
            key: [0],
            changes: [{ after: [action] }],
          },
        ],
      };
const subject = subjectOf(
  graphTrace({
    actions: ["create", "refund", "look"],
    edges: [
      [0, 0, 1],
      [0, 1, 1],
      [0, 2, 0],
      [1, 0, 2],
      [1, 1],
      [1, 2, 1],
      [2, 1, 0],
    ],
    step: row,
  }),
  0,
);
const whole = subject.views.from(WHOLE);

describe("a drawing", () => {
  test("has one edge for all actions that lead from a state to the same next one", () => {
    expect(edgesOf(subject, whole)).toEqual([
      { from: 0, to: 1, transitions: [0, 1] },
      { from: 1, to: 2, transitions: [3] },
    ]);
  });

  test("tells loops, ways back and failures in the box of the state", () => {
    expect(boxOf(subject, whole, 1)).toEqual({
      state: 1,
      title: "State 1",
      isFailing: true,
      lines: [
        { kind: "data", text: "orders +1" },
        { kind: "failed", text: "refund", item: { kind: "transition", index: 4 } },
        { kind: "stays", text: "look", item: { kind: "transition", index: 5 } },
      ],
    });
    expect(boxOf(subject, whole, 2).lines).toEqual([
      { kind: "data", text: "orders +2" },
      { kind: "leaves", text: "refund → 0", item: { kind: "transition", index: 6 } },
    ]);
    expect(boxOf(subject, whole, 0)).toMatchObject({ title: "Initial state", isFailing: false });
  });

  test("has one line for several of a kind, which leads to the list of all", () => {
    const many = subjectOf(
      graphTrace({
        actions: ["a", "b", "c", "d", "e"],
        edges: [[0, 0, 0], [0, 1, 0], ...failing(0)],
      }),
      0,
    );

    expect(
      boxOf(many, many.views.from(WHOLE), 0).lines.map(({ text, item }) => [text, item]),
    ).toEqual([
      ["c", { kind: "transition", index: 2 }],
      ["d", { kind: "transition", index: 3 }],
      ["e", { kind: "transition", index: 4 }],
      ["1 more", { kind: "state", index: 0 }],
      ["a, b", { kind: "state", index: 0 }],
    ]);
  });

  test("does not tell what is beneath a box of more states", () => {
    const large = subjectOf(
      graphTrace({ actions: ["a", "b", "look"], edges: treeEdges(300, 2) }),
      0,
    );
    const view = large.views.from(WHOLE);
    const [state] = [...view.more.keys()];

    expect(boxOf(large, view, state ?? -1).lines.map(({ text }) => text)).toEqual(["look"]);
  });
});

test("what leads to a failure is known, and where the initial state fails", () => {
  expect([...subject.failingWay]).toEqual([0, 4]);
  const { trace } = subject;
  const failure = { kind: "error", message: "m", steps: [] } as const;
  const branch = { name: "", path: "", status: "failed", durationMs: 1, failure } as const;
  const failed = subjectOf({ ...trace, transitions: [], branches: [branch] }, 0);

  expect(boxOf(failed, failed.views.from(WHOLE), 0).isFailing).toBe(true);
});

test("what leads to a failure includes the way that is drawn, which may be shorter", () => {
  const detour = subjectOf(
    graphTrace({
      actions: ["a", "b"],
      edges: [
        [0, 0, 1],
        [1, 0, 2],
        [0, 1, 2],
        [2, 1],
      ],
    }),
    0,
  );

  expect(detour.failures.map(({ path }) => path)).toEqual(["0/0/1"]);
  expect(detour.failingWay).toEqual(new Set([0, 1, 2, 3]));
});

test("long texts and several lines are cut to one short line", () => {
  expect(cut("a\n b\u2028c")).toBe("a b c");
  expect(cut("x".repeat(31))).toBe(`${"x".repeat(29)}…`);
});

/** Four actions that fail in a state. */
function failing(state: number): readonly GraphEdge[] {
  return [2, 3, 4, 5].map((action) => [state, action] as const);
}
