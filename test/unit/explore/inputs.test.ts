import { describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import type { Action, Input } from "../../../src/explore/model.ts";
import { MAX_SHRINK_RUNS } from "../../../src/explore/budget.ts";
import { STRATEGIES } from "../../../src/explore/strategies/index.ts";
import type { OracleOptions } from "../../../src/explore/judge.ts";
import {
  createInputToy,
  givenNumbers,
  numberInput,
  type ToyInputArgs,
} from "../../support/toy-inputs.ts";
import { runToy, type Told, type ToyOptions } from "../../support/toy-run.ts";
import type { ToyMark } from "../../support/toy-graph.ts";

const amountOf = ({ input }: ToyInputArgs): number => (typeof input === "number" ? input : NaN);

/** Adds the input to the number, which may not leave 0 to 9. */
const add: Action<ToyInputArgs> = {
  name: "add",
  enabled: ({ state }) => state < 9,
  run: (world) => void (world.state = Math.min(world.state + amountOf(world), 9)),
};

/** A bug that depends on the value: from 7 on. */
const check: Action<ToyInputArgs> = {
  name: "check",
  run: (world) => {
    if (amountOf(world) >= 7) throw new Error(`broken by ${amountOf(world)}`);
  },
};

const broken = (): never => {
  throw new RangeError("no such letter");
};

/** A number that can only be made simpler by one. */
function slowly(value: number): Input {
  return { ...numberInput(value), simpler: () => (value > 0 ? [slowly(value - 1)] : []) };
}

const noise: Action<ToyInputArgs> = { name: "noise", run: (world) => void (world.state += 1) };

function run(
  actions: readonly Action<ToyInputArgs>[],
  options: Partial<ToyOptions<ToyInputArgs, ToyMark>> & {
    readonly history?: "stack" | "tree";
  } = {},
): Promise<Told & { readonly taken: readonly string[] }> {
  const { history = "tree", ...more } = options;
  const { subject, taken } = createInputToy(history);
  return runToy({ subject, actions, budget: { depth: 3 }, ...more }).then((told) => ({
    ...told,
    taken,
  }));
}

describe("an action with generated inputs", () => {
  test("is run with each of its samples in each state", async () => {
    const { order, taken } = await run(
      givenNumbers(add, 2, (state) => [1, state + 2]),
      {
        budget: { depth: 2 },
      },
    );

    expect(order).toEqual([
      "add #1",
      "add #2",
      "add #1 → add #1",
      "add #1 → add #2",
      "add #2 → add #1",
      "add #2 → add #2",
    ]);
    expect(new Set(taken)).toEqual(
      new Set(["1 in 0", "2 in 0", "1 in 1", "3 in 1", "1 in 2", "4 in 2"]),
    );
  });

  test("is not run twice with the same input in a state", async () => {
    const { order, summary } = await run(
      givenNumbers(add, 3, (state) => (state === 0 ? [4, 4, 4] : [4, 5, 4])),
      { budget: { depth: 2 } },
    );

    expect(order).toEqual(["add #1", "add #1 → add #1", "add #1 → add #2"]);
    // The third sample was enabled, though it was never needed.
    expect(summary.neverEnabled).toEqual([]);
  });

  test.for(
    (["tree", "stack"] as const).flatMap((history) =>
      (["breadthFirst", "depthFirst", "randomWalk"] as const).map(
        (strategy) => [strategy, history] as const,
      ),
    ),
  )("has the same inputs in a state by every way there: %s on a %s", async ([name, history]) => {
    const strategy = STRATEGIES[name];
    const actions = givenNumbers(add, 3, (state) => [1, 2, (state * 7) % 5]);

    const { taken } = await run(actions, { strategy, history, budget: { depth: 20 } });
    const { taken: expected } = await run(actions, { budget: { depth: 20 } });

    expect(new Set(taken)).toEqual(new Set(expected));
  });

  test("is one action where the summary speaks of the spec's", async () => {
    const never = { ...add, name: "never", enabled: () => false };

    const { summary } = await run([
      ...givenNumbers(add, 2, () => [1, 2]),
      ...givenNumbers(never, 2, () => [1, 2]),
    ]);

    expect(summary.neverEnabled).toEqual(["never"]);
    expect(summary.timings.map(({ action, runs }) => [action, runs])).toEqual([
      ["add", summary.transitions],
      ["never", 0],
    ]);
  });

  test("ends the exploration when an input cannot be generated", async () => {
    const [first] = givenNumbers(add, 1, () => [1]);
    // Not in the initial state: it is found out when a branch has passed.
    const isRepeated = (fingerprint: string): boolean => fingerprint !== "s0" && broken();
    const input = { at: () => numberInput(1), of: broken, isRepeated };

    await expect(run([{ ...add, ...first, input }])).rejects.toThrowErrorMatchingInlineSnapshot(`
      [ExploreError [EXPLORE_USAGE]: the arbitrary of action "add" could not generate an input: no such letter.
      Make it generate a value for every seed, and the same one each time.]
    `);
  });
});

describe("a failure that depends on an input", () => {
  test("is told by its shortest path and its simplest input", async () => {
    const { finished, taken } = await run([...givenNumbers(check, 2, () => [3, 873])]);

    const [failed] = finished.filter(({ status }) => status === "failed");
    expect(failed?.branch.name).toBe("check #2");
    expect(failed?.failure?.shrunk).toEqual({
      name: "check #2",
      path: ["1:7"],
      steps: ["check #2"],
    });
    expect(failed?.failure?.error).toEqual(new Error("broken by 7"));
    // Found, replayed, made simpler by halves and single steps, and run once more to be told.
    expect(taken.length).toBeLessThan(40);
  });

  test("keeps the inputs of its other steps when one is left out", async () => {
    // The bug needs 5 from the first state, which is drawn nowhere else, and then anything at all.
    const start = givenNumbers(
      { name: "start", enabled: ({ state }) => state < 5, run: add.run },
      1,
      (state) => [state === 1 ? 5 : 0],
    );
    const fail: Action<ToyInputArgs> = {
      name: "fail",
      enabled: ({ state }) => state >= 5,
      run: () => {
        throw new Error("broken");
      },
    };

    const { finished } = await run([
      ...start,
      { ...noise, enabled: ({ state }) => state < 1 },
      fail,
    ]);

    const failed = finished.find(({ status }) => status === "failed");
    expect(failed?.branch.name).toBe("noise → start #1 → fail");
    expect(failed?.failure?.shrunk).toMatchObject({ name: "start #1 → fail", path: ["0:5", 2] });
  });

  test("changes steps that are alike together, when one alone would make it pass", async () => {
    let last: unknown;
    const twice: Action<ToyInputArgs> = {
      name: "twice",
      run: (world) => {
        const isRepeat = last === world.input && world.state > 0;
        last = world.input;
        world.state += 1;
        if (isRepeat && amountOf(world) >= 3) throw new Error("broken");
      },
    };

    const { finished } = await run(givenNumbers(twice, 1, () => [50]));

    const failed = finished.find(({ status }) => status === "failed");
    expect(failed?.failure?.shrunk?.path).toEqual(["0:3", "0:3"]);
  });

  test("changes each of them alone, too", async () => {
    const second: Action<ToyInputArgs> = {
      name: "second",
      run: (world) => {
        if (world.state > 0 && amountOf(world) >= 3) throw new Error("broken");
        world.state += 1;
      },
    };

    const { finished } = await run(givenNumbers(second, 1, () => [50]));

    const failed = finished.find(({ status }) => status === "failed");
    expect(failed?.failure?.shrunk?.path).toEqual(["0:0", "0:3"]);
  });

  test("is one kind of failure, whichever sample met it first", async () => {
    const { finished, summary } = await run(givenNumbers(check, 3, () => [7, 8, 900]));

    expect(finished.map(({ failure }) => failure?.sameAs)).toEqual([
      undefined,
      "check #1",
      "check #1",
    ]);
    expect(summary.failures).toHaveLength(1);
  });

  test("is told as it was found when the time is up", async () => {
    const slow = { ...check, run: (world: ToyInputArgs) => sleep(20).then(() => check.run(world)) };

    const { finished } = await run(
      givenNumbers(slow, 1, () => [873]),
      {
        budget: { depth: 3, timeoutMs: 10 },
      },
    );

    expect(finished[0]?.failure).toMatchObject({
      error: new Error("broken by 873"),
      replay: ["0:873"],
    });
    expect(finished[0]?.failure?.shrunk).toBeUndefined();
  });

  test("is looked for a limited number of times", async () => {
    const actions = givenNumbers(
      {
        name: "odd",
        run: (world) => {
          if (amountOf(world) > 100) throw new Error("broken");
        },
      },
      1,
      () => [100_000],
    ).map((action) => ({
      ...action,
      // One less at a time: there would be thousands of runs.
      input: {
        ...action.input,
        at: () => slowly(100_000),
        of: (key: string) => slowly(Number(key)),
      },
    }));

    const { finished, taken } = await run(actions as Action<ToyInputArgs>[], {
      budget: { depth: 1 },
    });

    expect(finished[0]?.failure?.shrunk?.path).toEqual([`0:${100_000 - MAX_SHRINK_RUNS}`]);
    expect(taken.length).toBe(MAX_SHRINK_RUNS + 3);
  });

  test("is run again with the inputs that its path names, whatever the state", async () => {
    const actions = [...givenNumbers(add, 1, () => [1]), ...givenNumbers(check, 1, () => [2])];

    const { order, taken, finished } = await run(actions, { paths: [["0:4", "0:3", "1:7"]] });

    expect(order).toEqual(["x add #1 → add #1 → check #1"]);
    // The confirming replay takes them again.
    expect(taken).toEqual(["4 in 0", "3 in 4", "7 in 7", "4 in 0", "3 in 4", "7 in 7"]);
    expect(finished[0]?.failure?.shrunk).toBeUndefined();
  });

  test("on the way of a sequence is run again with the inputs up to there", async () => {
    const actions = [...givenNumbers(add, 1, () => [1]), ...givenNumbers(check, 1, () => [8])];

    const { finished } = await run(actions, { paths: [[0, 1, 0]] });

    expect(finished[0]?.failure).toMatchObject({ failedAt: 2, replay: ["0:1", "1:8", 0] });
  });

  test("is remembered by the names of its steps and found in the same way", async () => {
    const actions = givenNumbers(check, 2, () => [3, 873]);

    const { finished, order } = await run(actions, { remembered: [[1]] });

    expect(order.toSorted()).toEqual(["check #1", "x check #2"]);
    expect(finished[0]?.failure?.shrunk?.path).toEqual(["1:7"]);
  });
});

describe("a recording", () => {
  test("hands the input of each step on", async () => {
    const told: unknown[] = [];
    const { subject } = createInputToy("tree");
    const oracles: OracleOptions = { switches: {}, ignoreTables: [] };

    await runToy({
      subject: {
        ...subject,
        record: () => ({
          begin: () => {},
          acted: () => {},
          facts: () => undefined,
          text: (text) => text,
          end: async ({ number, action, input }) => {
            told.push([number, action, input?.key]);
            return { number, action, exchanges: [], output: [] };
          },
        }),
      },
      actions: [...givenNumbers(add, 1, () => [2]), ...givenNumbers(check, 1, () => [8])],
      oracles,
      paths: [[0, 1]],
    });

    expect(told).toEqual([
      [2, "check #1", "8"],
      [1, "add #1", "2"],
      [2, "check #1", "8"],
    ]);
  });
});
