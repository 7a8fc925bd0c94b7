import { describe, expect, test } from "vitest";
import { ExploreError } from "../../../../src/errors.ts";
import type { Action } from "../../../../src/explore/model.ts";
import { depthFirst } from "../../../../src/explore/strategies/depth-first.ts";
import { randomWalk } from "../../../../src/explore/strategies/random-walk.ts";
import type { Path } from "../../../../src/trace/path-codec.ts";
import { createToy, type Table, tableActions, type ToyArgs } from "../../../support/toy-graph.ts";
import { runToy, type Told } from "../../../support/toy-run.ts";
import { neverNegative } from "../../../support/toy-wallet.ts";

const never = (state: number) => ({
  name: `never ${state}`,
  expectation: "always" as const,
  holds: (world: ToyArgs) => world.state !== state,
});

/** A counter up to 9 that may be reset, and breaks when it is told to while it is even, but not 0. */
const counter: Action<ToyArgs>[] = [
  { name: "add", enabled: ({ state }) => state < 9, run: (world) => void (world.state += 1) },
  { name: "add two", enabled: ({ state }) => state < 8, run: (world) => void (world.state += 2) },
  { name: "reset", run: (world) => void (world.state = 0) },
  {
    name: "break",
    run: ({ state }) => {
      if (state > 0 && state % 2 === 0) throw new Error("broken");
    },
  },
];

/** a leads from 0 over 1 to 2, b from each of them to 3, and c from there to 4, which shall not be. */
const detour: Table = [
  [1, 3],
  [2, 3],
  [undefined, 3],
  [undefined, undefined, 4],
];

/** What a reader is told of the first failure: the branch, and the path that is shown for it. */
function firstFailure({ finished }: Told): readonly (string | undefined)[] {
  const failed = finished.find(({ status }) => status === "failed");
  return [failed?.branch.name, failed?.failure?.shrunk?.name];
}

describe("a failure that a strategy met on a detour", () => {
  test.for([1, 2, 3, 4, 5, 6, 7, 8])("is shrunk to its shortest path, seed %i", async (seed) => {
    const told = await runToy({
      subject: createToy("tree").subject,
      actions: counter,
      strategy: randomWalk,
      seed,
      budget: { depth: 12, maxTransitions: 60 },
    });

    const [name = "", shrunk] = firstFailure(told);
    expect(shrunk ?? name).toMatch(/^(add two|add → add) → break$/);
  });

  test.for(["tree", "stack"] as const)(
    "is told with its shorter path beside the branch's own, on a %s",
    async (history) => {
      const told = await runToy({
        subject: createToy(history).subject,
        actions: tableActions(detour),
        invariants: [never(4)],
        strategy: depthFirst,
      });

      const failed = told.finished.find(({ status }) => status === "failed");
      expect(failed).toMatchObject({
        branch: { path: [0, 0, 1, 2] },
        failure: {
          kind: "violation",
          shrunk: { name: "b → c", path: [1, 2], steps: ["b", "c"] },
        },
      });
      expect(String(failed?.failure?.error)).toContain("after 2 steps");
      expect(told.summary.outcome).toBe("violation");
    },
  );
});

describe("shrinking changes nothing of the search", () => {
  test.for(["tree", "stack"] as const)(
    "its branches, states and witnesses, on a %s",
    async (on) => {
      const run = (shrinks: boolean): Promise<Told> =>
        runToy({
          subject: createToy(on).subject,
          actions: tableActions(detour),
          invariants: [
            never(4),
            { name: "two", expectation: "sometimes", holds: ({ state }) => state === 2 },
          ],
          strategy: depthFirst,
          // Nobody is told of a failure that is not asked for, so nothing is shrunk.
          ...(shrinks ? {} : { only: (name: string) => !name.endsWith("c") }),
        });

      const [shrunk, plain] = [await run(true), await run(false)];

      expect(shrunk.order.filter((name) => !name.endsWith("c"))).toEqual(plain.order);
      expect(shrunk.summary.witnesses).toEqual(plain.summary.witnesses);
      const { states, transitions } = plain.summary;
      expect(shrunk.summary).toMatchObject({ states, transitions });
    },
  );

  test.for([1, 2, 3, 4, 5, 6])("the way of a random walk, seed %i", async (seed) => {
    const run = (shrinks: boolean): Promise<Told> =>
      runToy({
        subject: createToy("tree").subject,
        actions: counter.toReversed(),
        strategy: randomWalk,
        seed,
        budget: { depth: 12, maxTransitions: 30 },
        ...(shrinks ? {} : { only: (name: string) => !name.endsWith("break") }),
      });

    const [shrunk, plain] = [await run(true), await run(false)];

    expect(shrunk.order.filter((name) => !name.endsWith("break"))).toEqual(plain.order);
  });

  test("costs a breadth-first search no run: what is shorter was run before", async () => {
    const { finished, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: counter,
      budget: { depth: 2 },
    });

    const failed = finished.find(({ status }) => status === "failed");
    expect(failed?.branch.name).toBe("add two → break");
    expect(failed?.failure?.shrunk).toBeUndefined();
    // Those that confirm the failure.
    expect(summary.replayedSteps).toBe(2);
  });

  test("leaves no checkpoint behind", async () => {
    const toy = createToy("stack");
    await runToy({
      subject: toy.subject,
      actions: tableActions(detour),
      invariants: [never(4)],
      strategy: depthFirst,
    });

    expect(toy.live()).toBe(1);
  });
});

describe("nothing is shortened", () => {
  const walk = {
    actions: counter,
    strategy: depthFirst,
    budget: { depth: 6 },
  };

  test("of a path that was asked for", async () => {
    const told = await runToy({
      ...walk,
      subject: createToy("tree").subject,
      paths: [[0, 2, 1, 3]],
    });

    expect(firstFailure(told)).toEqual(["add → reset → add two → break", undefined]);
  });

  test("of a sequence that somebody wrote, also when it failed last time", async () => {
    const told = await runToy({
      ...walk,
      subject: createToy("tree").subject,
      written: [[0, 2, 1, 3]],
      remembered: [[0, 2, 1, 3]],
    });

    expect(firstFailure(told)).toEqual(["add → reset → add two → break", undefined]);
  });

  test("of a second failure of the same kind", async () => {
    const { finished } = await runToy({ ...walk, subject: createToy("tree").subject });

    const told = finished.filter(({ failure }) => failure?.sameAs !== undefined);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ failure }) => failure?.shrunk !== undefined)).toEqual([]);
  });

  test("when a shorter path fails by another rule", async () => {
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      // Without the first step the last one ends in 8 instead of 9: another rule.
      actions: [
        { name: "a", run: (world) => void (world.state += 1) },
        { name: "b", enabled: ({ state }) => state < 3, run: (world) => void (world.state += 8) },
      ],
      invariants: [never(9), never(8), neverNegative],
      remembered: [[0, 1]],
      budget: { depth: 2 },
    });

    expect(finished[0]).toMatchObject({ branch: { name: "a → b" }, status: "failed" });
    expect(finished[0]?.failure?.shrunk).toBeUndefined();
  });
});

const adding = (name: string): Action<ToyArgs> => ({
  name,
  enabled: ({ state }) => state < 3,
  run: (world) => void (world.state += 1),
});

/** Breaks at 3; from the third run of `break` on, which is the first of a shorter path, `then`. */
function breaking(then: () => void): Action<ToyArgs>[] {
  let runs = 0;
  return [
    adding("add"),
    adding("add too"),
    {
      name: "break",
      enabled: ({ state }) => state > 1,
      run: ({ state }) => {
        runs += 1;
        if (runs > 2) then();
        if (state > 2) throw new Error("broken");
      },
    },
  ];
}

describe("while a path is shortened", () => {
  // Every shorter path is another one.
  const remembered = [[0, 1, 0, 2]];

  test("an abort ends the exploration, and the failure is told as it was found", async () => {
    const controller = new AbortController();
    const { summary, finished } = await runToy({
      subject: createToy("tree").subject,
      actions: breaking(() => controller.abort()),
      remembered,
      signal: controller.signal,
    });

    expect(summary.endedBy).toBe("aborted");
    expect(finished).toHaveLength(1);
    expect(finished[0]?.failure?.shrunk).toBeUndefined();
  });

  test("an app that stops working ends the shortening, and the failure is told as it was found", async () => {
    let stopped = 0;
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: breaking(() => {
        stopped += 1;
        throw new ExploreError("EXPLORE_APP_DIED", "The app has died.");
      }),
      remembered,
      // The search itself is not to break anything.
      budget: { depth: 1 },
    });

    expect(finished[0]).toMatchObject({ status: "failed", failure: { kind: "error" } });
    expect(finished[0]?.failure?.shrunk).toBeUndefined();
    expect(stopped).toBe(1);
  });
});

function remembering(remembered: readonly Path[]): Promise<Told> {
  return runToy({
    subject: createToy("tree").subject,
    actions: counter,
    strategy: randomWalk,
    seed: 3,
    remembered,
    budget: { depth: 12, maxTransitions: 60 },
  });
}

test("what failed last time is told with the same short path as then", async () => {
  const first = await remembering([]);
  const failed = first.finished.find(({ status }) => status === "failed");

  const again = await remembering([failed?.branch.path ?? []]);

  expect(firstFailure(again)).toEqual(firstFailure(first));
  expect(again.finished[0]?.branch).toEqual(failed?.branch);
  // It walks on from a failure that was told before as it did when it met it.
  expect(again.order.toSorted()).toEqual(first.order.toSorted());
});
