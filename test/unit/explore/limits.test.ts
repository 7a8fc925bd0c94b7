import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { explore } from "../../../src/explore/explore.ts";
import type { Action } from "../../../src/explore/model.ts";
import { createToy, tableActions, type ToyArgs } from "../../support/toy-graph.ts";
import { runToy, toyOptions } from "../../support/toy-run.ts";
import { earn, neverNegative, overspend, spend } from "../../support/toy-wallet.ts";

const wallet = () => ({ subject: createToy("tree").subject, actions: [earn, spend] });

describe("a budget", () => {
  test("of transitions ends the search, and says what is left", async () => {
    const { order, summary } = await runToy({
      ...wallet(),
      budget: { depth: 5, maxTransitions: 2 },
    });

    expect(order).toEqual(["earn", "earn → earn"]);
    expect(summary).toMatchObject({
      outcome: "budget",
      complete: false,
      endedBy: "maxTransitions",
      // `earn → spend` and `earn → earn → spend`
      unexplored: 2,
      transitions: 2,
    });
  });

  test("that is just enough leaves the search complete", async () => {
    const { summary } = await runToy({ ...wallet(), budget: { depth: 5, maxTransitions: 4 } });

    expect(summary).toMatchObject({ outcome: "exhausted", complete: true, unexplored: 0 });
    expect(summary).not.toHaveProperty("endedBy");
  });

  test("of states ends the search", async () => {
    const { order, summary } = await runToy({ ...wallet(), budget: { depth: 5, maxStates: 2 } });

    expect(order).toEqual(["earn"]);
    expect(summary).toMatchObject({ outcome: "budget", endedBy: "maxStates", states: 2 });
  });

  test("of time ends the search after the running branch", async () => {
    const { order, summary } = await runToy({
      ...wallet(),
      actions: [{ name: "wait", run: () => sleep(20) }, earn],
      budget: { depth: 5, timeoutMs: 10 },
    });

    expect(order).toEqual(["wait"]);
    expect(summary).toMatchObject({ outcome: "budget", endedBy: "timeoutMs" });
  });

  test("that ran out does not hide a violation", async () => {
    const { summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [overspend, earn],
      invariants: [neverNegative],
      budget: { depth: 5, maxTransitions: 1 },
    });

    expect(summary).toMatchObject({
      outcome: "violation",
      complete: false,
      endedBy: "maxTransitions",
    });
  });
});

describe("the signal of an exploration", () => {
  test("ends it between two branches", async () => {
    const controller = new AbortController();
    const { order, summary } = await runToy({
      ...wallet(),
      signal: controller.signal,
      afterBranch: ({ state }) => (state === 2 ? controller.abort() : undefined),
    });

    // The second branch was through when the signal came, but not yet told of.
    expect(order).toEqual(["earn"]);
    expect(summary).toMatchObject({ outcome: "budget", endedBy: "aborted", transitions: 2 });
  });

  test("interrupts a step, which is told", async () => {
    const controller = new AbortController();
    const toy = createToy("tree");
    let told: unknown;
    const { records, summary } = await runToy({
      subject: { ...toy.subject, args: (step) => ({ ...toy.world, step }) },
      actions: [
        {
          name: "wait",
          run: ({ step }) => {
            setTimeout(() => controller.abort(), 5);
            return sleep(60_000, undefined, { signal: step.signal }).catch((error: unknown) => {
              told = error;
            });
          },
        },
      ],
      signal: controller.signal,
    });

    expect(records.map(({ type }) => type)).toEqual(["branch-started"]);
    expect(told).toMatchObject({ name: "AbortError" });
    expect(summary).toMatchObject({ endedBy: "aborted", unexplored: 1 });
    expect(toy.live()).toBe(1);
  });

  test("interrupts a step that begins after it", async () => {
    const controller = new AbortController();
    const toy = createToy("tree");
    const { summary } = await runToy({
      subject: { ...toy.subject, args: ({ signal }) => ({ ...toy.world, signal }) },
      actions: [{ name: "wait", run: ({ signal }) => sleep(60_000, undefined, { signal }) }],
      beforeBranch: () => controller.abort(),
      signal: controller.signal,
    });

    expect(summary).toMatchObject({ endedBy: "aborted", transitions: 1, unexplored: 1 });
  });

  test("given while a branch is announced keeps it from being run", async () => {
    const controller = new AbortController();
    const toy = createToy("tree");
    const exploration = explore(
      toyOptions({ subject: toy.subject, actions: [earn], signal: controller.signal }),
    );

    await exploration.next();
    controller.abort();

    expect(await exploration.next()).toMatchObject({ done: true, value: { transitions: 0 } });
    expect(toy.world.state).toBe(0);
  });

  test("that was aborted before runs nothing", async () => {
    const { order, summary } = await runToy({ ...wallet(), signal: AbortSignal.abort() });

    expect(order).toEqual([]);
    expect(summary).toMatchObject({ endedBy: "aborted", transitions: 0 });
  });

  test("is not listened to any more at the end", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const count = (by: number) => () => void (listeners += by);
    Object.assign(signal, { addEventListener: count(1), removeEventListener: count(-1) });

    await runToy({ ...wallet(), signal });

    expect(listeners).toBe(0);
  });
});

const slow = (run: Action<ToyArgs & { signal: AbortSignal }>["run"]) => {
  const toy = createToy("tree");
  return {
    toy,
    options: {
      subject: {
        ...toy.subject,
        args: ({ signal }: { signal: AbortSignal }) => ({ ...toy.world, signal }),
      },
      actions: [
        { name: "slow", run },
        { name: "quick", run: () => void (toy.world.state = 1) },
      ],
      budget: { depth: 1, stepTimeoutMs: 10 },
    },
  };
};

const never = (): Promise<boolean> => sleep(30, true);

describe("a step that does not settle in time", () => {
  test("fails its branch, is told by its signal, and the search goes on", async () => {
    const { options } = slow(({ signal }) => sleep(60_000, undefined, { signal }));

    const { finished, order } = await runToy(options);

    expect(order).toEqual(["x slow", "quick"]);
    expect(finished[0]?.failure).toMatchObject({
      kind: "infrastructure",
      error: {
        code: "EXPLORE_STEP_TIMEOUT",
        message:
          'slow: action "slow" did not settle within 10 ms (stepTimeoutMs).\n' +
          "Find what it waits for, or raise `stepTimeoutMs`.",
      },
    });
  });

  test("is not what one is that settled before: its signal stays quiet", async () => {
    let seen: AbortSignal | undefined;
    const { options } = slow(({ signal }) => {
      seen = signal;
      return sleep(1);
    });

    const { order } = await runToy(options);
    await sleep(30);

    expect(order).toEqual(["slow", "quick"]);
    expect(seen?.aborted).toBe(false);
  });

  test("and not in the grace after it either ends the exploration", async () => {
    const { options, toy } = slow(() => new Promise(() => undefined));

    await expect(runToy(options)).rejects.toMatchObject({
      code: "EXPLORE_STEP_TIMEOUT",
      message: expect.stringContaining(
        "nor within 1000 ms after its signal was aborted.\nIt is still running",
      ),
    });
    expect(toy.live()).toBe(1);
  });

  test("may be an invariant or an enabled", async () => {
    const toy = createToy("tree");
    const { finished } = await runToy({
      subject: toy.subject,
      actions: [{ ...earn, enabled: never }, overspend],
      invariants: [
        { name: "slow", expectation: "always", holds: ({ state }) => state === 0 || never() },
      ],
      budget: { depth: 1, stepTimeoutMs: 5 },
    });

    const told = finished.map(({ failure }) => String(failure?.error).split("\n")[0]);
    expect(told).toEqual([
      'ExploreError [EXPLORE_STEP_TIMEOUT]: initial state: enabled of action "earn" did not settle within 5 ms (stepTimeoutMs).',
      'ExploreError [EXPLORE_STEP_TIMEOUT]: spend: invariant "slow" did not settle within 5 ms (stepTimeoutMs).',
    ]);
  });
});

test("a consumer that stops listening leaves no checkpoint behind", async () => {
  const toy = createToy("stack");
  const exploration = explore(
    toyOptions({ subject: toy.subject, actions: tableActions([[1], [2], [3], []]) }),
  );

  for await (const record of exploration) if (record.branch.path.length === 3) break;

  expect(toy.live()).toBe(1);
});

test.for(["tree", "stack"] as const)(
  "a search on a %s that ends early says up to how many steps everything was run",
  async (history) => {
    const told = await runToy({
      subject: createToy(history).subject,
      actions: [1, 2].map((by) => ({
        name: `add ${by}`,
        run: (world: ToyArgs) => void (world.state = world.state * 3 + by),
      })),
      budget: { depth: 9, maxTransitions: 8 },
    });

    // 2 of one step, 4 of two, 2 of the 8 of three.
    expect(told.summary).toMatchObject({ complete: false, completeTo: 2, depth: 3 });
  },
);
