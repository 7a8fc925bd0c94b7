import { describe, expect, test } from "vitest";
import { createToy, tableActions, type Table } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { canBeFull, earn, neverNegative, overspend, spend } from "../../support/toy-wallet.ts";

describe("only", () => {
  test("reports the branches asked for, and runs the others without a word", async () => {
    const { order, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [earn, overspend],
      invariants: [neverNegative],
      only: (name) => name === "earn → earn → spend",
    });

    expect(order).toEqual(["earn → earn → spend"]);
    // `spend` breaks the rule, but nobody asked.
    expect(summary).toMatchObject({ outcome: "exhausted", transitions: 5, failures: [] });
  });

  test("does not keep a failure in the initial state quiet", async () => {
    const { order } = await runToy({
      subject: createToy("tree", -1).subject,
      actions: [earn],
      invariants: [neverNegative],
      only: () => false,
    });

    expect(order).toEqual(["x initial state"]);
  });
});

const wallet = (history: "stack" | "tree" = "tree") => ({
  subject: createToy(history).subject,
  actions: [earn, spend],
});

describe("paths", () => {
  test.for(["stack", "tree"] as const)(
    "are run from the initial state, in their order, steps in common once, on a %s",
    async (history) => {
      const { order, summary } = await runToy({
        ...wallet(history),
        invariants: [canBeFull],
        paths: [[0, 0, 1], [0, 1], [0], [0, 0, 1]],
      });

      expect(order).toEqual(["earn → earn → spend", "earn → spend", "earn"]);
      expect(summary).toEqual({
        outcome: "budget",
        complete: false,
        endedBy: "paths",
        unexplored: 0,
        states: 3,
        // earn, earn, spend; spend; and earn again, since nobody was told of the first.
        transitions: 5,
        replayedSteps: 0,
        depth: 2,
        neverEnabled: [],
        witnesses: new Map([
          ["can be full", { name: "earn → earn", path: [0, 0], steps: ["earn", "earn"] }],
        ]),
        unwitnessed: [],
        failures: [],
        completeTo: 0,
        timings: [
          { action: "earn", runs: 1, meanMs: expect.any(Number) },
          { action: "spend", runs: 2, meanMs: expect.any(Number) },
        ],
        fixed: [],
        gone: [],
      });
    },
  );

  test("may be empty: the initial state is reported then", async () => {
    const { order } = await runToy({ ...wallet(), paths: [[]] });

    expect(order).toEqual(["initial state"]);
  });

  test("may be longer than the depth and than the shortest way", async () => {
    const { order } = await runToy({ ...wallet(), paths: [[0, 1, 0, 1]], budget: { depth: 1 } });

    expect(order).toEqual(["earn → spend → earn → spend"]);
  });

  test("that take a step which is not enabled fail their branch", async () => {
    const { finished } = await runToy({ ...wallet(), paths: [[1], [0, 0, 0, 1], [0]] });

    const told = finished.map(({ failure }) => (failure?.error as Error | undefined)?.message);
    expect(told.map((message) => message?.split("\n")[0])).toEqual([
      "Path 1: step 1 of 1 (spend) is not enabled in the initial state.",
      "Path 0/0/0/1: step 3 of 4 (earn) is not enabled after earn → earn.",
      undefined,
    ]);
    expect(finished[0]?.failure).toMatchObject({ kind: "error", error: { code: "EXPLORE_USAGE" } });
  });

  test("that fail on the way fail their branch, after a replay of that much", async () => {
    const ran: string[] = [];
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [earn, overspend],
      invariants: [neverNegative],
      paths: [[0, 1, 1, 0]],
      beforeBranch: () => void ran.push("hook"),
    });

    expect(finished[0]?.branch.name).toBe("earn → spend → spend → earn");
    expect(finished[0]?.failure?.error).toEqual(
      new Error('Invariant "coins are never negative" does not hold after 3 steps'),
    );
    expect(finished[0]?.failure?.failedAt).toBe(3);
    expect(finished[0]?.attempts.at(-1)?.failure).toBe(finished[0]?.failure);
    expect(ran).toEqual([]);
  });

  test("run just those that `only` lets through", async () => {
    const { order, summary } = await runToy({
      ...wallet(),
      paths: [[0], [0, 0]],
      only: (name) => name === "earn",
    });

    expect(order).toEqual(["earn"]);
    expect(summary.transitions).toBe(1);
  });

  test("find the same failure as the search that reported them", async () => {
    const table: Table = [[1, 2], [3, 0], [3, 1], [4, 2], []];
    const given = () => ({
      subject: createToy("stack").subject,
      actions: tableActions(table),
      invariants: [
        {
          name: "not 4",
          expectation: "always" as const,
          holds: (world: { state: number }) => world.state !== 4,
        },
      ],
    });
    const searched = await runToy(given());
    const path = searched.summary.failures[0]?.branches[0]?.path ?? [];

    const replayed = await runToy({ ...given(), paths: [path] });

    expect(path).toEqual([0, 0, 0]);
    expect(replayed.summary.failures).toEqual(searched.summary.failures);
  });
});
