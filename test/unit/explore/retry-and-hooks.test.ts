import { describe, expect, test } from "vitest";
import { createToy, throwing } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { earn, spend } from "../../support/toy-wallet.ts";

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
      // The replay that confirms it was the fourth run.
      failure: { error: { message: "no 4" } },
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
