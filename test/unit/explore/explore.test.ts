import { describe, expect, test } from "vitest";
import { breadthFirst } from "../../../src/explore/strategies/breadth-first.ts";
import { depthFirst } from "../../../src/explore/strategies/depth-first.ts";
import { askingLast } from "../../support/asking-last.ts";
import { createToy, tableActions, type Table } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { canBeFull, earn, neverNegative, overspend, spend } from "../../support/toy-wallet.ts";

// Coins 0 to 2: 0 -earn→ 1 -earn→ 2, and back with spend.
const wallet = (history: "stack" | "tree" = "tree") => ({
  subject: createToy(history).subject,
  actions: [earn, spend],
});

describe("explore", () => {
  test("runs each action once from each state, breadth first", async () => {
    const { order, summary } = await runToy(wallet());

    expect(order).toEqual([
      "earn", // 0 → 1
      "earn → earn", // 1 → 2
      "earn → spend", // 1 → 0
      "earn → earn → spend", // 2 → 1
    ]);
    expect(summary).toEqual({
      outcome: "exhausted",
      complete: true,
      unexplored: 0,
      states: 3,
      transitions: 4,
      replayedSteps: 0,
      depth: 2,
      neverEnabled: [],
      witnesses: new Map(),
      unwitnessed: [],
      failures: [],
      completeTo: 5,
      timings: [
        { action: "earn", runs: 2, meanMs: expect.any(Number) },
        { action: "spend", runs: 2, meanMs: expect.any(Number) },
      ],
      fixed: [],
      gone: [],
    });
  });

  test("goes on from the state just reached, depth first", async () => {
    const { order, summary } = await runToy({ ...wallet(), strategy: depthFirst });

    expect(order).toEqual(["earn", "earn → earn", "earn → earn → spend", "earn → spend"]);
    expect(summary).toMatchObject({ outcome: "exhausted", states: 3, transitions: 4, depth: 2 });
  });

  test("tells of a branch by its path and its steps, when it starts and when it has run", async () => {
    const { records } = await runToy({ ...wallet(), budget: { depth: 1 } });

    const branch = { name: "earn", path: [0], steps: ["earn"] };
    const time = expect.any(Number);
    expect(records).toEqual([
      { type: "branch-started", branch, startTimeMs: time },
      {
        type: "branch-finished",
        branch,
        status: "passed",
        attempts: [{ startTimeMs: time, durationMs: time }],
        durationMs: time,
      },
    ]);
  });

  test("finds a shortest path to a violation and does not go on from there", async () => {
    const { order, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [earn, overspend],
      invariants: [neverNegative],
    });

    expect(order).toEqual([
      "earn",
      "x spend", // 0 → -1
      "earn → earn",
      "earn → spend",
      "earn → earn → spend",
    ]);
    expect(summary).toMatchObject({ outcome: "violation", complete: true, states: 4 });
    expect(summary.failures).toEqual([
      {
        manner: expect.any(String) as string,
        failure: {
          kind: "violation",
          invariant: "coins are never negative",
          error: new Error('Invariant "coins are never negative" does not hold after 1 step'),
        },
        branches: [{ name: "spend", path: [1], steps: ["spend"] }],
      },
    ]);
    // The replay of `spend` before it was believed.
    expect(summary.replayedSteps).toBe(1);
  });

  test("reports the initial state only when it fails, and explores nothing then", async () => {
    const { order, summary, finished } = await runToy({
      subject: createToy("tree", -1).subject,
      actions: [earn],
      invariants: [neverNegative],
    });

    expect(order).toEqual(["x initial state"]);
    expect(finished[0]?.branch).toEqual({ name: "initial state", path: [], steps: [] });
    expect(finished[0]?.failure).toMatchObject({
      kind: "violation",
      error: { message: 'Invariant "coins are never negative" does not hold in the initial state' },
    });
    expect(summary).toMatchObject({
      outcome: "violation",
      complete: false,
      endedBy: "initialState",
      states: 1,
      transitions: 0,
    });
  });

  test("names the first branch after which a sometimes invariant held, and asks no more", async () => {
    let asked = 0;
    const { summary } = await runToy({
      ...wallet(),
      invariants: [
        {
          ...canBeFull,
          holds: ({ state }) => {
            asked += 1;
            return state === 2;
          },
        },
      ],
    });

    const branch = { name: "earn → earn", path: [0, 0], steps: ["earn", "earn"] };
    expect(summary.witnesses).toEqual(new Map([["can be full", branch]]));
    expect(summary.unwitnessed).toEqual([]);
    expect(asked).toBe(3); // in 0, 1 and 2 coins
  });

  test("names sometimes invariants without a witness and actions that were never enabled", async () => {
    const { summary } = await runToy({
      ...wallet(),
      actions: [earn, spend, { name: "rob", enabled: () => false, run: () => undefined }],
      invariants: [{ name: "rich", expectation: "sometimes", holds: ({ state }) => state > 2 }],
    });

    expect(summary).toMatchObject({
      outcome: "exhausted",
      unwitnessed: ["rich"],
      neverEnabled: ["rob"],
    });
  });

  test("evaluates always invariants in known states too", async () => {
    const seen: number[] = [];
    await runToy({
      ...wallet(),
      invariants: [
        { name: "seen", expectation: "always", holds: ({ state }) => seen.push(state) > 0 },
      ],
    });

    expect(seen).toEqual([0, 1, 2, 0, 1]);
  });

  test("looks at the initial state only when the depth is 0", async () => {
    const { order, summary } = await runToy({ ...wallet(), budget: { depth: 0 } });

    expect(order).toEqual([]);
    expect(summary).toMatchObject({ outcome: "exhausted", states: 1, transitions: 0, depth: 0 });
  });
});

describe("a depth", () => {
  // 0 -a→ 1 -a→ 2 -a→ 3 -a→ 4 and a short cut 0 -b→ 2: depth first meets 2 and 3 too late at first.
  const detour: Table = [[1, 2], [2], [3], [4], []];

  test("misses no state that a shorter path found later brings within it", async () => {
    const { order, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: tableActions(detour),
      strategy: depthFirst,
      budget: { depth: 3 },
    });

    expect(order).toEqual([
      "a", // 0 → 1
      "a → a", // 1 → 2
      "a → a → a", // 2 → 3, at the bound
      "b", // 0 → 2, one step less: 3 is within the bound now
      "b → a → a", // 3 → 4, under its new name
    ]);
    expect(summary).toMatchObject({ outcome: "exhausted", states: 5, transitions: 5, depth: 3 });
  });

  test("asks for the edges of such a state once, however often its path becomes shorter", async () => {
    // Depth first finds 4 by four steps, which is the bound, then by three and then by two.
    const { order, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: tableActions([[1, 3], [2, 3], [3], [4], [5], []]),
      strategy: askingLast,
      budget: { depth: 4 },
    });

    expect(order).toEqual(["a", "a → a", "a → a → a", "a → a → a → a", "a → b", "b", "b → a → a"]);
    expect(summary).toMatchObject({ outcome: "exhausted", unexplored: 0, states: 6 });
  });

  test("takes no checkpoint of states that it does not leave", async () => {
    const toy = createToy("tree");
    let taken = 0;
    await runToy({
      subject: { ...toy.subject, checkpoint: () => ((taken += 1), toy.subject.checkpoint()) },
      actions: tableActions([[1, 2, 3], [], [], []]),
      budget: { depth: 1 },
    });

    expect(taken).toBe(1);
  });
});

describe("travel", () => {
  // A tree: 0 → 1, 2; 1 → 3, 4; 2 → 5, 6.
  const tree: Table = [[1, 2], [3, 4], [5, 6], [], [], [], []];

  test.for(["stack", "tree"] as const)(
    "replays no step of a tree depth first, on a %s",
    async (history) => {
      const { order, summary } = await runToy({
        subject: createToy(history).subject,
        actions: tableActions(tree),
        strategy: depthFirst,
      });

      expect(order).toEqual(["a", "a → a", "a → b", "b", "b → a", "b → b"]);
      expect(summary.replayedSteps).toBe(0);
    },
  );

  test("replays on a stack what breadth first has left, once for neighbours", async () => {
    const { order, summary } = await runToy({
      subject: createToy("stack").subject,
      actions: tableActions(tree),
      strategy: breadthFirst,
    });

    expect(order).toEqual(["a", "b", "a → a", "a → b", "b → a", "b → b"]);
    // To 1 for its two edges, and to 2 for its two.
    expect(summary.replayedSteps).toBe(2);
  });

  test("marks the states it passes on a stack, so that their other edges need not pass again", async () => {
    // 0 → 1, 2; 1 → 3, 4; 2 → 5, 6; and two leaves behind each of 3 to 6.
    const deep = Array.from({ length: 7 }, (_, state) => [state * 2 + 1, state * 2 + 2]);
    const { summary } = await runToy({
      subject: createToy("stack").subject,
      actions: tableActions(deep),
      budget: { depth: 3 },
    });

    // One step each to 1 and 2; then two to 3, one from 1 to 4, two to 5, one from 2 to 6.
    expect(summary).toMatchObject({ states: 15, transitions: 14, replayedSteps: 8 });
  });

  test("goes on from where it is when that is on the way", async () => {
    const { order, summary } = await runToy({
      subject: createToy("stack").subject,
      actions: tableActions([[1, 2], [4], [3], [5], [2], []]),
    });

    expect(order).toEqual(["a", "b", "a → a", "b → a", "a → a → a", "b → a → a"]);
    // To 1, to 2, twice a step to 4; from there to 2, which is on the way to 3: one step.
    expect(summary.replayedSteps).toBe(5);
  });

  test("keeps no checkpoint of a dead end", async () => {
    const toy = createToy("tree");
    await runToy({ subject: toy.subject, actions: tableActions([[1, 2, 3, 4], [], [], [], []]) });

    expect(toy.mostLive()).toBe(2);
  });

  test("tells the user's functions which branch runs and whether it is replayed", async () => {
    const toy = createToy("stack");
    const told: string[] = [];
    await runToy({
      subject: {
        ...toy.subject,
        args: (step) => {
          told.push(step.replayed === true ? `replay ${step.branch}` : step.branch);
          return toy.world;
        },
      },
      actions: [
        { name: "a", run: (world) => void (world.state = world.state * 2 + 1) },
        { name: "b", run: (world) => void (world.state = world.state * 2 + 2) },
      ],
      budget: { depth: 2 },
    });

    // One step for the action and one for the invariants of each branch.
    expect(told).toEqual(
      ["initial state", "a", "a", "b", "b", "replay a", "a → a", "a → a", "a → b", "a → b"].concat([
        "replay b",
        "b → a",
        "b → a",
        "b → b",
        "b → b",
      ]),
    );
  });
});

test.for([
  [{ budget: { depth: -1 } }, "depth is -1"],
  [{ budget: { depth: 1, maxStates: 0 } }, "maxStates is 0"],
  [{ actions: [earn, earn] }, 'two actions are called "earn"'],
  [{ actions: [{ ...earn, name: "a → b" }] }, 'action "a → b" has an arrow'],
  [{ paths: [[0, 7]] }, "a path names action 7"],
] as const)(
  "refuses options that no reader of specs would pass on: %j",
  async ([options, text]) => {
    await expect(runToy({ ...wallet(), ...options })).rejects.toMatchObject({
      code: "EXPLORE_BUG",
      message: expect.stringContaining(text),
    });
  },
);
