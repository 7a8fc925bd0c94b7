import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExploreError } from "../../../src/errors.ts";
import { STRATEGIES } from "../../../src/explore/strategies/index.ts";
import { createToy, type ToyArgs } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { neverNegative } from "../../support/toy-wallet.ts";

describe("a path that leads elsewhere when it is replayed", () => {
  test("shows both runs, described where they can be", async () => {
    const toy = createToy("stack");
    let calls = 0;
    const { finished, order } = await runToy({
      subject: { ...toy.subject, describe: () => `${toy.world.state} coins` },
      actions: [
        // 1 coin the first time, 7 coins from then on.
        {
          name: "drift",
          enabled: ({ state }) => state === 0,
          run: (world) => void (world.state = (calls += 1) === 1 ? 1 : 7),
        },
        { name: "set", enabled: ({ state }) => state < 2, run: (world) => void (world.state = 3) },
      ],
    });

    expect(order).toEqual(["drift", "set", "x drift → set"]);
    expect(finished[2]?.failure?.kind).toBe("diverged");
    const error = finished[2]?.failure?.error;
    expect(error).toMatchObject({ code: "EXPLORE_REPLAY_DIVERGED" });
    expect((error as ExploreError).message).toMatchInlineSnapshot(`
      "Replay diverged at step 1 of 1 (drift), path drift.
        first run: state s1
        this run:  state s7: 7 coins
      The same actions led to different states, so no path found here can be trusted. Usual causes: the clock, random values, a background job, or data that no system of the world holds.
      Freeze or inject the cause, or leave it out of the state with \`identity\`."
    `);
  });

  test("shows what the first run held when there is a way back to it", async () => {
    const toy = createToy("tree");
    let calls = 0;
    const { finished } = await runToy({
      subject: { ...toy.subject, describe: () => `${toy.world.state} coins` },
      actions: [
        {
          name: "drift",
          enabled: ({ state }) => state === 0,
          run: (world) => void (world.state = (calls += 1) === 1 ? 1 : 7),
        },
        {
          name: "lose",
          enabled: ({ state }) => state === 1,
          run: (world) => void (world.state = -1),
        },
        { name: "stay", enabled: ({ state }) => state === 1, run: () => undefined },
      ],
      invariants: [neverNegative],
    });

    const failed = finished.filter(({ status }) => status === "failed");
    expect(failed.map(({ branch }) => branch.name)).toEqual(["drift → lose"]);
    expect(failed[0]?.failure).toMatchObject({
      kind: "diverged",
      error: {
        message: expect.stringContaining(
          "first run: state s1: 1 coins\n  this run:  state s7: 7 coins\n",
        ),
        // What was found is not lost.
        cause: { message: 'Invariant "coins are never negative" does not hold after 2 steps' },
      },
    });
  });
});

const flaky = (failures: readonly string[]) => {
  let run = 0;
  return {
    name: "flaky",
    enabled: ({ state }: ToyArgs) => state === 0,
    run: (world: ToyArgs) => {
      world.state = 1;
      const message = failures[run];
      run += 1;
      if (message !== undefined) throw new Error(message);
    },
  };
};

describe("a failure that a replay does not show", () => {
  test.for([
    [["no"], "first run: failed: no\n  this run:  passed\n"],
    [["no", "gone"], "first run: failed: no\n  this run:  failed: gone\n"],
  ] as const)("is no finding: %j", async ([failures, text]) => {
    const { finished, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [flaky(failures)],
    });

    expect(finished[0]?.attempts).toHaveLength(1);
    expect(finished[0]?.attempts[0]?.failure).toBe(finished[0]?.failure);
    expect(finished[0]?.failure).toMatchObject({
      kind: "diverged",
      error: { message: expect.stringContaining(text), cause: { message: "no" } },
    });
    // Where it ended is not known for sure.
    expect(summary).toMatchObject({ outcome: "violation", states: 1 });
  });

  test("or shows in another state is no finding", async () => {
    let state = 0;
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [{ name: "lose", run: (world) => void (world.state = state -= 1) }],
      invariants: [neverNegative],
    });

    expect(finished[0]?.failure).toMatchObject({
      kind: "diverged",
      error: { message: expect.stringContaining("first run: state s-1\n  this run:  state s-2\n") },
    });
  });

  test("counts as the same when digits differ", async () => {
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [flaky(["order 12 is gone", "order 345 is gone"])],
    });

    // As the replay showed it, since its steps are those that are told.
    expect(finished[0]?.failure).toEqual({ kind: "error", error: new Error("order 345 is gone") });
  });

  test("is replayed over the whole path from the initial state", async () => {
    const ran: string[] = [];
    const step = (name: string, from: number) => ({
      name,
      enabled: ({ state }: ToyArgs) => state === from,
      run: (world: ToyArgs) => {
        ran.push(name);
        world.state = from + 1;
        if (from === 2) throw new Error("no");
      },
    });
    await runToy({
      subject: createToy("tree").subject,
      actions: [step("a", 0), step("b", 1), step("c", 2)],
    });

    expect(ran).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  test("in the initial state is no finding either", async () => {
    let asked = 0;
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [],
      invariants: [{ name: "late", expectation: "always", holds: () => (asked += 1) > 1 }],
    });

    expect(finished[0]?.failure).toMatchObject({
      kind: "diverged",
      error: { message: expect.stringContaining("Replay diverged in the initial state.") },
    });
  });
});

test("an action that leads elsewhere when it is asked for again fails that path", async () => {
  let calls = 0;
  const { finished } = await runToy({
    subject: createToy("tree").subject,
    actions: [{ name: "drift", run: (world) => void (world.state = calls += 1) }],
    paths: [[0, 0], [0]],
  });

  expect(finished.map(({ branch, failure }) => [branch.name, failure?.kind])).toEqual([
    ["drift → drift", undefined],
    ["drift", "diverged"],
  ]);
});

test("an app that is not a function of its actions never ends an exploration in a muddle", async () => {
  const choices = fc.record({
    targets: fc.infiniteStream(fc.nat(5)),
    strategy: fc.constantFrom(...Object.values(STRATEGIES)),
    history: fc.constantFrom("stack" as const, "tree" as const),
    bad: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(choices, async ({ targets, strategy, history, bad }) => {
      const toy = createToy(history);
      const actions = ["a", "b"].map((name) => ({
        name,
        run: (world: ToyArgs) => void (world.state = targets.next().value ?? 0),
      }));
      const { records, finished, summary } = await runToy({
        subject: toy.subject,
        actions,
        strategy,
        invariants: [
          {
            name: "not bad",
            expectation: "always",
            holds: ({ state }) => state !== bad || state === 0,
          },
        ],
        budget: { depth: 4 },
      });

      expect(records).toHaveLength(finished.length * 2);
      expect(new Set(finished.map(({ branch }) => branch.name)).size).toBe(finished.length);
      for (const { failure } of finished) {
        expect(["violation", "diverged", undefined]).toContain(failure?.kind);
      }
      expect(summary).toMatchObject({ complete: true, unexplored: 0 });
      expect(toy.live()).toBe(1);
    }),
    { numRuns: 300 },
  );
});
