import { describe, expect, test } from "vitest";
import { ExploreError } from "../../../src/errors.ts";
import type { Action } from "../../../src/explore/model.ts";
import { STRATEGIES } from "../../../src/explore/strategies/index.ts";
import { createToy, tableActions, type ToyArgs } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { earn, neverNegative, overspend, spend } from "../../support/toy-wallet.ts";

const throwing = (name: string, message: () => string): Action<ToyArgs> => ({
  name,
  run: (world) => {
    // What it leaves behind must not be seen by any other branch.
    world.state = 99;
    throw new Error(message());
  },
});

const appDied = (): ExploreError => new ExploreError("EXPLORE_APP_DIED", "The app has died.");

describe("an action that throws", () => {
  test("fails its branch, is not gone on from, and leaves the others alone", async () => {
    for (const history of ["stack", "tree"] as const) {
      const { order, summary } = await runToy({
        subject: createToy(history).subject,
        actions: [throwing("break", () => "no"), earn],
      });

      expect(order).toEqual([
        "x break",
        "earn",
        "x earn → break",
        "earn → earn",
        "x earn → earn → break",
      ]);
      expect(summary).toMatchObject({ outcome: "violation", complete: true, states: 3 });
      expect(summary.failures).toMatchObject([
        { failure: { kind: "error", error: { message: "no" } }, branches: [{}, {}, {}] },
      ]);
    }
  });

  test("groups failures that differ in digits only, and tells the first of each", async () => {
    let id = 0;
    const { finished, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [
        earn,
        throwing("break", () => `order ${(id += 1)} is gone`),
        throwing("smash", () => `order ${(id += 1)} is gone`),
      ],
      budget: { depth: 2 },
    });

    expect(finished.map(({ branch, failure }) => [branch.name, failure?.sameAs])).toEqual([
      ["earn", undefined],
      ["break", undefined],
      ["smash", undefined],
      ["earn → earn", undefined],
      ["earn → break", "break"],
      ["earn → smash", "smash"],
    ]);
    expect(summary.failures.map(({ branches }) => branches.map(({ name }) => name))).toEqual([
      ["break", "earn → break"],
      ["smash", "earn → smash"],
    ]);
  });

  test("may throw anything, a rejected promise too", async () => {
    const { order, finished } = await runToy({
      subject: createToy("tree").subject,
      // eslint-disable-next-line typescript/prefer-promise-reject-errors -- users do
      actions: [{ name: "reject", run: () => Promise.reject("just a text") }],
    });

    expect(order).toEqual(["x reject"]);
    expect(finished[0]?.failure).toEqual({ kind: "error", error: "just a text" });
  });
});

describe("an invariant", () => {
  test("that throws fails the branch under its name", async () => {
    const { finished, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [earn],
      invariants: [
        {
          name: "few",
          expectation: "always",
          holds: ({ state }) => {
            expect(state).toBe(0);
            return true;
          },
        },
      ],
    });

    expect(finished).toHaveLength(1);
    expect(finished[0]?.failure).toMatchObject({
      kind: "error",
      invariant: "few",
      error: { name: "AssertionError" },
    });
    expect(summary.states).toBe(2);
  });

  test.for([undefined, 1, "yes"])("that answers %j ends the exploration", async (answer) => {
    const explored = runToy({
      subject: createToy("tree").subject,
      actions: [earn],
      invariants: [
        { name: "few", expectation: "always", holds: () => answer as unknown as boolean },
      ],
    });

    const shown = answer === undefined ? "undefined" : JSON.stringify(answer);
    await expect(explored).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining(`invariant "few" answered ${shown}, not true or false.`),
    });
  });

  test("that is violated with every strategy is found by every strategy", async () => {
    for (const strategy of Object.values(STRATEGIES)) {
      const { summary } = await runToy({
        subject: createToy("stack").subject,
        actions: [earn, overspend],
        invariants: [neverNegative],
        strategy,
      });

      expect(summary.failures).toHaveLength(1);
      expect(summary.failures[0]?.failure.kind).toBe("violation");
    }
  });
});

describe("an enabled that throws", () => {
  test("fails the branch of its action", async () => {
    const { order, finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [
        {
          name: "ask",
          enabled: ({ state }) => {
            if (state === 1) throw new Error("cannot know");
            return false;
          },
          run: () => undefined,
        },
        earn,
      ],
    });

    expect(order).toEqual(["earn", "x earn → ask", "earn → earn"]);
    expect(finished[1]?.failure).toMatchObject({
      kind: "error",
      error: { message: "cannot know" },
    });
  });

  test("ends the exploration when it answers neither true nor false", async () => {
    const explored = runToy({
      subject: createToy("tree").subject,
      actions: [{ ...earn, enabled: () => undefined as unknown as boolean }],
    });

    await expect(explored).rejects.toMatchObject({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining('enabled of action "earn" answered undefined'),
    });
  });
});

describe("an infrastructure failure", () => {
  test("fails its branch only, while the state can be left again", async () => {
    const { order, finished, summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [
        {
          name: "crash",
          run: () => {
            throw appDied();
          },
        },
        earn,
      ],
      budget: { depth: 2 },
    });

    expect(order).toEqual(["x crash", "earn", "x earn → crash", "earn → earn"]);
    expect(finished[0]?.failure).toMatchObject({
      kind: "infrastructure",
      error: { code: "EXPLORE_APP_DIED" },
    });
    // It says nothing about the rules, so it is not replayed.
    expect(summary.replayedSteps).toBe(0);
  });

  test("ends the exploration after the third in a row", async () => {
    const actions = ["a", "b", "c", "d"].map((name) => ({
      name,
      run: () => {
        throw appDied();
      },
    }));
    const order: string[] = [];

    const explored = runToy({
      subject: createToy("tree").subject,
      actions,
      afterBranch: () => void order.push("run"),
    });

    await expect(explored).rejects.toMatchObject({
      code: "EXPLORE_APP_DIED",
      message:
        "3 branches in a row failed because the app or a system stopped working.\n" +
        "  the last one: The app has died.\n" +
        "The exploration was ended: what it would report says nothing about the rules.",
      cause: { message: "The app has died." },
    });
    expect(order).toHaveLength(3);
  });

  test("ends the exploration when nothing can be reached any more", async () => {
    const toy = createToy("tree");
    const explored = runToy({
      subject: {
        ...toy.subject,
        rollback: () => {
          throw new Error("connection lost");
        },
      },
      actions: [
        {
          name: "crash",
          run: () => {
            throw appDied();
          },
        },
        earn,
      ],
    });

    await expect(explored).rejects.toMatchObject({
      code: "EXPLORE_ADAPTER_FAILED",
      message: "rollback failed: connection lost",
    });
  });

  test("of the subject fails the branch, whatever the subject throws", async () => {
    const toy = createToy("tree");
    const { finished, order } = await runToy({
      subject: {
        ...toy.subject,
        fingerprint: () => {
          if (toy.world.state === 1) throw new Error("cannot read");
          return `s${toy.world.state}`;
        },
      },
      actions: tableActions([[1, 2], [], []]),
    });

    expect(order).toEqual(["x a", "b"]);
    expect(finished[0]?.failure).toMatchObject({
      kind: "infrastructure",
      error: { code: "EXPLORE_ADAPTER_FAILED", message: "fingerprint failed: cannot read" },
    });
  });
});

describe("retry", () => {
  test("runs a failed branch again from where it started, and keeps every attempt", async () => {
    let run = 0;
    const { finished, summary } = await runToy({
      subject: createToy("stack").subject,
      actions: [
        earn,
        {
          name: "flaky",
          enabled: ({ state }) => state === 1,
          run: (world) => {
            expect(world.state).toBe(1);
            world.state = 2;
            run += 1;
            if (run < 3) throw new Error(`no ${run}`);
          },
        },
      ],
      retry: 2,
      budget: { depth: 2 },
    });

    const flaky = finished.find(({ branch }) => branch.name === "earn → flaky");
    expect(flaky).toMatchObject({ status: "passed" });
    expect(flaky).not.toHaveProperty("failure");
    expect(flaky?.attempts.map(({ failure }) => failure?.error)).toEqual([
      new Error("no 1"),
      new Error("no 2"),
      undefined,
    ]);
    expect(summary.outcome).toBe("exhausted");
  });

  test("gives up after as many times, and reports the last failure", async () => {
    let run = 0;
    const { finished } = await runToy({
      subject: createToy("tree").subject,
      actions: [throwing("break", () => `no ${(run += 1)}`)],
      retry: 2,
    });

    expect(finished[0]?.attempts).toHaveLength(3);
    expect(finished[0]).toMatchObject({
      status: "failed",
      failure: { error: { message: "no 3" } },
    });
  });
});

describe("hooks", () => {
  test("run around each reported branch, also when it failed", async () => {
    const told: string[] = [];
    await runToy({
      subject: createToy("stack").subject,
      actions: [earn, throwing("break", () => "no")],
      budget: { depth: 2 },
      only: (name) => name !== "earn",
      beforeBranch: ({ state }) => void told.push(`before in ${state}`),
      afterBranch: ({ state }) => void told.push(`after in ${state}`),
    });

    expect(told).toEqual(
      // `break` and its replay, `earn → earn`, and `earn → break` with its replay.
      ["before in 0", "after in 99", "before in 0", "after in 99"].concat(
        ["before in 1", "after in 2"],
        ["before in 1", "after in 99", "before in 1", "after in 99"],
      ),
    );
  });

  test.for(["beforeBranch", "afterBranch"] as const)(
    "fail the branch by what %s throws",
    async (hook) => {
      const { finished, summary } = await runToy({
        subject: createToy("tree").subject,
        actions: [earn, spend],
        [hook]: async () => {
          await Promise.resolve();
          throw new Error(`${hook} says no`);
        },
      });

      expect(finished).toHaveLength(1);
      expect(finished[0]?.failure).toMatchObject({
        kind: "error",
        error: { message: `${hook} says no` },
      });
      expect(summary.states).toBe(1);
    },
  );
});
