import { describe, expect, test } from "vitest";
import type { Branch, Summary } from "../../../src/explore/records.ts";
import type { TracedStep } from "../../../src/trace/trace.ts";
import { progressLine } from "../../../src/report/progress.ts";
import { describeFailure } from "../../../src/report/describe-failure.ts";
import {
  detailLines,
  failureLines,
  memoryLines,
  summaryLine,
  unwitnessedText,
  warningsOf,
} from "../../../src/report/summary.ts";

const branch: Branch = {
  name: "create → refund",
  path: [0, 1],
  steps: ["create", "refund"],
};

const summary: Summary = {
  outcome: "exhausted",
  complete: true,
  unexplored: 0,
  states: 5,
  transitions: 7,
  replayedSteps: 0,
  depth: 3,
  neverEnabled: [],
  witnesses: new Map(),
  unwitnessed: [],
  failures: [],
  completeTo: 3,
  timings: [],
  fixed: [],
  gone: [],
};

describe("a failed branch", () => {
  const failure = { kind: "violation", error: new Error("x"), invariant: "rule" } as const;
  const steps: readonly TracedStep[] = [
    {
      number: 2,
      action: "refund",
      exchanges: [
        {
          system: "api",
          method: "POST",
          target: "/orders/1/refund",
          headers: {},
          body: { text: '{"amount":100}' },
          response: { status: 200, headers: {}, body: { text: "{}" } },
        },
      ],
      changes: [
        {
          system: "db",
          collection: "orders",
          columns: ["id", "refunded"],
          key: [0],
          changes: [{ before: [1, 0], after: [1, 100] }],
        },
      ],
      output: [{ system: "api", text: "refunding 100" }],
    },
  ];
  const repro = 'npx vitest run a.test.ts -t "shop.*create → refund$"';

  test("is told by its rule, its steps, the app's output and the command that runs it alone", () => {
    const text = describeFailure({
      branch,
      failure: { ...failure, steps },
      message: 'Invariant "rule" does not hold after 2 steps',
      repro,
    });

    expect(text).toMatchInlineSnapshot(`
      "Invariant "rule" does not hold after 2 steps

      Steps:
        1. create
        2. refund   <- failed here
             POST /orders/1/refund {"amount":100} → 200 {}
             db.orders  ~ id 1: refunded 0 → 100
             api printed:
               refunding 100
      Run only this branch: npx vitest run a.test.ts -t "shop.*create → refund$"
      "
    `);
  });

  test("names the branch that failed alike before", () => {
    const text = describeFailure({
      branch: { name: "initial state", path: [], steps: [] },
      failure: { ...failure, kind: "infrastructure", sameAs: "create" },
      message: "api: the app died",
      repro,
    });

    expect(text).toMatchInlineSnapshot(`
      "api: the app died

      This says nothing about the rules of the spec.

      Steps: none, this is the initial state.
      The same failure as: create
      Run only this branch: npx vitest run a.test.ts -t "shop.*create → refund$"
      "
    `);
  });

  test("shows the input of each step, whatever kind it is", () => {
    const step = { action: "create", exchanges: [], output: [] };
    const inputs = [
      { amount: 7 },
      { $text: "new Date(0)" },
      "x".repeat(200),
      { $bigint: "7" },
      "a",
    ];
    const text = describeFailure({
      branch: { name: "", path: [], steps: Array.from({ length: 6 }, () => "create #1") },
      failure: {
        ...failure,
        steps: inputs.map((input, index) => ({ ...step, number: index + 1, input })),
      },
      message: "broken",
      repro,
    });

    expect(text.split("\n").filter((line) => line.includes("create"))).toEqual([
      '  1. create #1 {"amount":7}',
      "  2. create #1 new Date(0)",
      `  3. create #1 "${"x".repeat(159)}…`,
      "  4. create #1 7",
      '  5. create #1 "a"',
      "  6. create #1   <- failed here",
      // The command.
      expect.stringContaining(repro),
    ]);
  });

  test("says that its inputs were made simpler where its path was not made shorter", () => {
    const shrunk = { name: "create → refund", path: ["0:k" as const, 1], steps: branch.steps };
    const text = describeFailure({ branch, failure: { ...failure, shrunk }, message: "x", repro });

    expect(text).toContain("\nShrunk to simpler inputs.\n");
  });
});

describe("a summary", () => {
  test.for([
    [{}, "5 states, 7 transitions, all branches to depth 3 explored"],
    [
      { complete: false, endedBy: "maxStates", unexplored: 1, completeTo: 1 },
      "5 states, 7 transitions, ended by maxStates with 1 known branch not run; all branches of up to 1 step were run",
    ],
    [
      { complete: false, endedBy: "aborted", unexplored: 2, completeTo: 0 },
      "5 states, 7 transitions, stopped with 2 known branches not run",
    ],
    [
      { complete: false, endedBy: "paths" },
      "5 states, 7 transitions, only the branches asked for were run",
    ],
    [
      { complete: false, endedBy: "initialState", states: 1, transitions: 0 },
      "1 state, 0 transitions, nothing was explored since the initial state fails",
    ],
  ] as const)("of %j is one line", ([change, line]) => {
    expect(summaryLine({ ...summary, ...change }, 3)).toBe(line);
  });

  test("warns of actions that were never enabled and of rules that are not known", () => {
    const warnings = warningsOf({
      ...summary,
      complete: false,
      endedBy: "timeoutMs",
      neverEnabled: ["ship"],
      unwitnessed: ["an order is shipped"],
    });

    expect(warnings).toEqual([
      'Action "ship" was enabled in none of the 5 states reached.',
      '"an order is shipped" never held, but not everything was explored: this is not known.',
    ]);
  });

  test("fails a rule without a witness only when everything was explored", () => {
    const unwitnessed = ["an order is shipped"];
    expect(unwitnessedText({ ...summary, unwitnessed })).toMatchInlineSnapshot(`
      ""an order is shipped" held in none of the 5 states reached.
      Everything within the depth was explored, so the rule can not come true here: raise \`depth\`, or look for the action that should lead there."
    `);
    expect(unwitnessedText({ ...summary, unwitnessed, complete: false })).toBeUndefined();
  });

  test("names witnesses and the slowest actions", () => {
    const timings = [
      { action: "create", runs: 4, meanMs: 3.21 },
      { action: "never", runs: 0, meanMs: 0 },
      { action: "refund", runs: 2, meanMs: 41.7 },
    ];
    expect(
      detailLines({ ...summary, timings, witnesses: new Map([["refunded", branch]]) }),
    ).toEqual([
      '"refunded" holds after create → refund',
      "Slowest actions: refund 42ms, create 3.2ms on average",
    ]);
  });

  test("says what became of earlier failures", () => {
    expect(memoryLines({ ...summary, fixed: ["a → b"], gone: ["c"] })).toEqual([
      "Fixed since the last run: a → b",
      "Failed in the last run and cannot be run any more: c",
    ]);
  });

  test("groups failures that are alike under the shortest branch", () => {
    const error = new Error("does not hold\n  details");
    const longer = { ...branch, name: "create → pay → refund", path: [0, 2, 1] };
    const failures = [
      { manner: "", failure: { kind: "violation", error } as const, branches: [longer, branch] },
    ];

    expect(failureLines(failures)).toEqual(["2 branches: does not hold (create → refund)"]);
  });
});

test("progress is one line: what there is, how fast it goes, and what is left of the budget", () => {
  const progress = { states: 120, transitions: 340, open: 80, depth: 4, elapsedMs: 10_000 };
  const limits = { maxStates: 1000, maxTransitions: 10_000, timeoutMs: 300_000 };

  expect(progressLine(progress, limits)).toBe(
    "120 states, 340 transitions, 80 branches to run, depth 4, 34/s, 12% of the budget",
  );
});
