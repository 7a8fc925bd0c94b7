import { describe, expect, test } from "vitest";
import { ExploreError } from "../../../src/errors.ts";
import { STRATEGIES } from "../../../src/explore/strategies/index.ts";
import { createToy, tableActions, throwing } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { earn, neverNegative, overspend } from "../../support/toy-wallet.ts";

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

    for (const { attempts, failure } of finished) expect(attempts.at(-1)?.failure).toBe(failure);
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
          enabled: (world) => {
            if (world.state !== 1) return false;
            // It must not; and if it does, then no branch may start from there.
            world.state = 99;
            throw new Error("cannot know");
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
      budget: { depth: 3 },
    });

    // Three, but not in a row.
    expect(order).toEqual([
      "x crash",
      "earn",
      "x earn → crash",
      "earn → earn",
      "x earn → earn → crash",
    ]);
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

  test("is not what a wrong option is: that ends the exploration", async () => {
    const toy = createToy("tree");
    const refused = new ExploreError("EXPLORE_USAGE", "identity answered a function");
    const explored = runToy({
      subject: {
        ...toy.subject,
        fingerprint: () => {
          if (toy.world.state === 1) throw refused;
          return `s${toy.world.state}`;
        },
      },
      actions: [earn],
    });

    await expect(explored).rejects.toBe(refused);
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
