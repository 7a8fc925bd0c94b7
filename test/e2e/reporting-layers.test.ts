import { expect, test } from "vitest";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

const CASES = {
  "shop.test.ts": {
    shop: {
      exploration: "passed",
      add: "passed",
      pay: "passed",
      "add → add": "passed",
      "add → pay": "passed",
      "pay → add": "passed",
      "pay → pay": "failed",
    },
    "hand-written": "passed",
  },
};

describeMajors((major) => {
  test("with a runner of the user's own, branches are reported and a warning says what is lost", async () => {
    const { tests, stderr, stdout, exitCode } = await layers({ TOY_RUNNER: "./own-runner.ts" });

    expect(tests).toEqual(CASES);
    expect(exitCode).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "
       RUN v<version> <folder>

       ✓ shop.test.ts:4 > shop > add <time>
       ✓ shop.test.ts:4 > shop > pay <time>
       ✓ shop.test.ts:4 > shop > add → add <time>
       ✓ shop.test.ts:4 > shop > add → pay <time>
       ✓ shop.test.ts:4 > shop > pay → add <time>
       × shop.test.ts:4 > shop > pay → pay <time>
         → paid twice

      Steps:
        1. pay
        2. pay   <- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t "shop"

       ✓ shop.test.ts > shop > exploration <time>

         ❯ explored
           ↳ 6 transitions

       ✓ shop.test.ts:15 > hand-written <time>

       Test Files  1 failed (1)
            Tests  1 failed | 7 passed (8)

      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "vitest-explore: this project has a runner of its own, <folder>/own-runner.ts.
      Branches are reported all the same, but without --bail, running a single branch, and console output and snapshots by branch.
      To get them: export default withExploreRunner(MyRunner), from "vitest-explore/runner".

      ⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

       FAIL  shop.test.ts:4 > shop > pay → pay
      Error: paid twice

      Steps:
        1. pay
        2. pay   <- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t "shop"

       ❯ Object.pay shop.test.ts:10:40
            8|     },
            9|     pay: ({ done }) => {
           10|       if (done.at(-1) === "pay") throw new Error("paid twice");
             |                                        ^
           11|     },
           12|   },
       ❯ attempt toy.ts:98:30
       ❯ walk toy.ts:67:22

      ⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯

      "
    `);
  });

  test("with a wrapped runner nothing is lost", async () => {
    const { tests, stderr, exitCode } = await layers(
      { TOY_RUNNER: "./wrapped-runner.ts" },
      "-t",
      "shop.*pay → pay$",
    );

    expect(tests).toEqual({
      "shop.test.ts": {
        shop: { exploration: "passed", "pay → pay": "failed" },
        "hand-written": "skipped",
      },
    });
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("vitest-explore:");
  });

  test("without the plugin's reporter, branches are reported and a note says how", async () => {
    const { tests, stdout, exitCode } = await layers({ TOY_REPORTER: "removed" });

    expect(tests).toEqual(CASES);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("The reporter of vitest-explore was removed from `reporters`");
  });

  test("with neither, the exploration itself fails and lists the branches", async () => {
    const { tests, stderr, exitCode } = await layers({
      TOY_RUNNER: "./own-runner.ts",
      TOY_REPORTER: "removed",
    });

    expect(tests).toEqual({
      "shop.test.ts": { shop: { exploration: "failed" }, "hand-written": "passed" },
    });
    expect(exitCode).toBe(1);
    expect(stderr.slice(0, stderr.indexOf("❯"))).toMatchInlineSnapshot(`
      "
      ⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

       FAIL  shop.test.ts > shop > exploration
      Error: 1 of 6 branches failed. They are listed here because this project's runner and reporters leave no way to report a case per branch.

      - pay → pay
        paid twice

        Steps:
          1. pay
          2. pay   <- failed here
        Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t "shop"
       "
    `);
  });

  test("without the plugin, the spec says which lines are missing", async () => {
    const { tests, stderr, exitCode } = await runFixture("reporting-toy", {
      vitest: major,
      args: ["shop", "--config=bare.config.ts"],
    });

    expect(tests).toEqual({});
    expect(exitCode).toBe(1);
    expect(stderr.slice(0, stderr.indexOf("❯"))).toMatchInlineSnapshot(`
      "
      ⎯⎯⎯⎯⎯⎯ Failed Suites 1 ⎯⎯⎯⎯⎯⎯⎯

       FAIL  shop.test.ts [ shop.test.ts ]
      ExploreError [EXPLORE_NO_PLUGIN]: test.explore("shop") needs the plugin of vitest-explore, which is not in the Vitest configuration.
      Add these two lines to vitest.config.ts:
        import explore from "vitest-explore";
        plugins: [explore()],
      The second one goes into \`defineConfig({ … })\`; with \`projects\` that do not extend the root, into each of them.
       "
    `);
  });

  async function layers(
    env: Readonly<Record<string, string>>,
    ...args: string[]
  ): ReturnType<typeof runFixture> {
    return runFixture("reporting-toy", {
      vitest: major,
      args: ["shop", "--config=layers.config.ts", "--reporter=verbose", ...args],
      env,
    });
  }
});
