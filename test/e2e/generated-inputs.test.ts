import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import { describeMajors, openFixture, runFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("a bug that depends on a value is told by the shortest path and the smallest value", async () => {
    await using fixture = openFixture("generated-inputs", major);
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "json" })');
    const { stderr, stdout, tests } = await fixture.run();
    const trace = traceIn(join(fixture.folder, ".vitest/explore"));
    fixture.remove("node_modules");
    const again = await fixture.run();
    const traceAgain = traceIn(join(fixture.folder, ".vitest/explore"));

    expect(told(stderr)).toMatchInlineSnapshot(`
      "Error: Invariant "no balance is negative" does not hold after 2 steps

      Shrunk from 3 steps to 2: open → withdraw #3

      Steps:
        1. open
             POST /wallets → 201 {"id":1,"balance":0,"note":""}
             db.wallets  + id 1, balance 0, note ""
        2. withdraw #3 {"amount":700,"note":""}   <- failed here
             POST /wallets/1/withdrawals {"amount":700,"note":""} → 200 {"id":1,"balance":-700,"note":""}
             db.wallets  ~ id 1: balance 0 → -700
      Run only this branch: EXPLORE_REPLAY=0/5:xqmwa0:3:1:0:0:0:0:0:1 npx vitest run wallet.explore.test.ts"
    `);
    expect(tests).toMatchInlineSnapshot(`
      {
        "wallet.explore.test.ts": {
          "wallet": {
            "exploration": "passed",
            "open": "passed",
            "open → deposit #1": "passed",
            "open → deposit #1 → deposit #1": "passed",
            "open → deposit #1 → deposit #2": "passed",
            "open → deposit #1 → withdraw #1": "passed",
            "open → deposit #1 → withdraw #2": "passed",
            "open → deposit #1 → withdraw #3": "failed",
            "open → deposit #2": "passed",
            "open → deposit #2 → deposit #1": "passed",
            "open → deposit #2 → deposit #2": "passed",
            "open → deposit #2 → withdraw #1": "passed",
            "open → deposit #2 → withdraw #2": "passed",
            "open → deposit #2 → withdraw #3": "passed",
            "open → withdraw #1": "passed",
            "open → withdraw #2": "passed",
            "open → withdraw #3": "passed",
          },
        },
      }
    `);
    expect(stdout).toContain("states, ");
    expect(trace.branches.find(({ failure }) => failure !== undefined)).toMatchObject({
      path: "0/1/5",
      failure: {
        shrunk: "0/5",
        replay: "0/5:xqmwa0:3:1:0:0:0:0:0:1",
        steps: [{ action: "open" }, { input: { amount: 700, note: "" } }],
      },
    });
    // Another run generates the same.
    expect(again.tests).toEqual(tests);
    expect(again.stderr).toBe(stderr);
    expect(lasting(traceAgain)).toEqual(lasting(trace));
  });

  test("its command runs exactly that again", async () => {
    const { stderr, tests } = await runFixture("generated-inputs", {
      vitest: major,
      env: { EXPLORE_REPLAY: "0/5:xqmwa0:3:1:0:0:0:0:0:1" },
    });

    expect(tests).toEqual({
      "wallet.explore.test.ts": {
        wallet: { exploration: "passed", "open → withdraw #3": "failed" },
      },
    });
    expect(told(stderr)).toMatchInlineSnapshot(`
      "Error: Invariant "no balance is negative" does not hold after 2 steps

      Steps:
        1. open
             POST /wallets → 201 {"id":1,"balance":0,"note":""}
             db.wallets  + id 1, balance 0, note ""
        2. withdraw #3 {"amount":700,"note":""}   <- failed here
             POST /wallets/1/withdrawals {"amount":700,"note":""} → 200 {"id":1,"balance":-700,"note":""}
             db.wallets  ~ id 1: balance 0 → -700
      Run only this branch: EXPLORE_REPLAY=0/5:xqmwa0:3:1:0:0:0:0:0:1 npx vitest run wallet.explore.test.ts"
    `);
  });

  test("the repaired app passes", async () => {
    const { exitCode, stdout } = await runFixture("generated-inputs", {
      vitest: major,
      env: { FIXED: "1" },
    });

    expect(exitCode).toBe(0);
    expect(stdout).toContain("all branches to depth 3 explored");
  });
});

function told(stderr: string): string | undefined {
  return /^Error: Invariant[^]*?^Run only.*$/m.exec(stderr)?.[0];
}

function traceIn(folder: string): Trace {
  const [file = ""] = readdirSync(folder);
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as Trace;
}

/** A trace without what differs from run to run. */
function lasting(trace: Trace): unknown {
  return JSON.parse(
    JSON.stringify(trace, (key, value: unknown) =>
      key.endsWith("Ms") || key === "output" ? undefined : value,
    ),
  );
}
