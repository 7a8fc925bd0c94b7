import { expect, test } from "vitest";
import { describeMajors, openFixture, runFixture } from "../support/run-fixture.ts";

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
  test.for(["forks", "threads", "vmForks", "vmThreads"])(
    "reports one case per branch in the pool %s, and the run fails with one of them",
    async (pool) => {
      const { tests, exitCode, stderr } = await runFixture("reporting-toy", {
        vitest: major,
        args: ["shop", `--pool=${pool}`],
      });

      expect(tests).toEqual(CASES);
      expect(exitCode).toBe(1);
      expect(failureIn(stderr)).toMatchInlineSnapshot(`
        "FAIL  shop.test.ts:4 > shop > pay → pay
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
         ❯ walk toy.ts:67:22"
      `);
    },
  );

  test.for(["default", "tree"])("prints branches with the reporter %s", async (reporter) => {
    const { stdout } = await run(major, reporter);

    // Vitest 4 leaves the suite's own line out of the default reporter.
    expect(stdout.replace(/^ {3}. shop \(7\)\n/m, "")).toMatchInlineSnapshot(`
      "
       RUN v<version> <folder>

       ❯ shop.test.ts (8 tests | 1 failed) <time>
           ✓ exploration <time>
           ✓ add <time>
           ✓ pay <time>
           ✓ add → add <time>
           ✓ add → pay <time>
           ✓ pay → add <time>
           × pay → pay <time>
         ✓ hand-written <time>

       Test Files  1 failed (1)
            Tests  1 failed | 7 passed (8)

      "
    `);
  });

  test("prints a line per branch, in the order they ran, with the reporter verbose", async () => {
    const { stdout } = await run(major, "verbose");

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

       ✓ shop.test.ts:4 > shop > exploration <time>

         ❯ explored
           ↳ 6 transitions

       ✓ shop.test.ts:15 > hand-written <time>

       Test Files  1 failed (1)
            Tests  1 failed | 7 passed (8)

      "
    `);
  });

  test("prints a dot per branch with the reporter dot", async () => {
    const { stdout } = await run(major, "dot");

    expect(stdout).toMatchInlineSnapshot(`
      "
       RUN v<version> <folder>

      ·····x··

       Test Files  1 failed (1)
            Tests  1 failed | 7 passed (8)

      "
    `);
  });

  test("prints branches with the reporter tap", async () => {
    const { stdout } = await run(major, "tap");

    expect(stdout).toMatchInlineSnapshot(`
      "TAP version 13
      1..1
      not ok 1 - shop.test.ts # time=<time> {
          1..2
          not ok 1 - shop # time=<time> {
              1..7
              ok 1 - exploration # time=<time>
                  # explored: 6 transitions
              ok 2 - add # time=<time>
              ok 3 - pay # time=<time>
              ok 4 - add → add # time=<time>
              ok 5 - add → pay # time=<time>
              ok 6 - pay → add # time=<time>
              not ok 7 - pay → pay # time=<time>
                  ---
                  error:
                      name: "Error"
                      message: "paid twice

      Steps:
        1. pay
        2. pay   <- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t \\"shop\\"
      "
                  at: "<folder>/shop.test.ts:10:40"
                  ...
          }
          ok 2 - hand-written # time=<time>
      }
      "
    `);
  });

  test("prints branches with the reporter tap-flat", async () => {
    const { stdout } = await run(major, "tap-flat");

    expect(stdout).toMatchInlineSnapshot(`
      "TAP version 13
      1..8
      ok 1 - shop.test.ts > shop > exploration # time=<time>
          # explored: 6 transitions
      ok 2 - shop.test.ts > shop > add # time=<time>
      ok 3 - shop.test.ts > shop > pay # time=<time>
      ok 4 - shop.test.ts > shop > add → add # time=<time>
      ok 5 - shop.test.ts > shop > add → pay # time=<time>
      ok 6 - shop.test.ts > shop > pay → add # time=<time>
      not ok 7 - shop.test.ts > shop > pay → pay # time=<time>
          ---
          error:
              name: "Error"
              message: "paid twice

      Steps:
        1. pay
        2. pay   <- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t \\"shop\\"
      "
          at: "<folder>/shop.test.ts:10:40"
          ...
      ok 8 - shop.test.ts > hand-written # time=<time>
      "
    `);
  });

  test("annotates the failing line with the reporter github-actions", async () => {
    const { stdout } = await run(major, "github-actions");

    expect(stdout).toMatchInlineSnapshot(`
      "
      ::error file=<folder>/shop.test.ts,title=shop.test.ts > shop > pay → pay,line=10,column=40::Error: paid twice%0A%0ASteps:%0A  1. pay%0A  2. pay   <- failed here%0ARun only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t "shop"%0A%0A ❯ Object.pay shop.test.ts:10:40%0A ❯ attempt toy.ts:98:30%0A ❯ walk toy.ts:67:22%0A%0A
      "
    `);
  });

  test("writes branches into JUnit and blob reports, and merges blobs", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const reports = ["--reporter=junit", "--outputFile.junit=junit.xml", "--reporter=blob"];
    await fixture.run(["shop", ...reports]);
    const junit = fixture.read("junit.xml").replaceAll(/ (time|timestamp|hostname)="[^"]*"/g, "");
    const merged = await fixture.run(["--merge-reports", "--reporter=tree"]);

    expect(junit).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8" ?>
      <testsuites name="vitest tests" tests="8" failures="1" errors="0">
          <testsuite name="shop.test.ts" tests="8" failures="1" errors="0" skipped="0">
              <testcase classname="shop.test.ts" name="shop &gt; exploration">
                  <properties>
                      <property name="explored" value="6 transitions">
                      </property>
                      <property name="explore.outcome" value="exhausted">
                      </property>
                      <property name="explore.complete" value="true">
                      </property>
                      <property name="explore.states" value="6">
                      </property>
                      <property name="explore.transitions" value="6">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; add">
                  <properties>
                      <property name="explore.path" value="0">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; pay">
                  <properties>
                      <property name="explore.path" value="1">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; add → add">
                  <properties>
                      <property name="explore.path" value="0/0">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; add → pay">
                  <properties>
                      <property name="explore.path" value="0/1">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; pay → add">
                  <properties>
                      <property name="explore.path" value="1/0">
                      </property>
                  </properties>
              </testcase>
              <testcase classname="shop.test.ts" name="shop &gt; pay → pay">
                  <properties>
                      <property name="explore.path" value="1/1">
                      </property>
                      <property name="explore.failure" value="error">
                      </property>
                  </properties>
                  <failure message="paid twice

      Steps:
        1. pay
        2. pay   &lt;- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t &quot;shop&quot;
      " type="Error">
      Error: paid twice

      Steps:
        1. pay
        2. pay   &lt;- failed here
      Run only this branch: EXPLORE_REPLAY=1/1 npx vitest run shop.test.ts -t &quot;shop&quot;

       ❯ Object.pay shop.test.ts:10:40
       ❯ attempt toy.ts:98:30
       ❯ walk toy.ts:67:22
                  </failure>
              </testcase>
              <testcase classname="shop.test.ts" name="hand-written">
              </testcase>
          </testsuite>
      </testsuites>
      "
    `);
    expect(merged.tests).toEqual(CASES);
    expect(merged.exitCode).toBe(1);
  });
});

async function run(major: "4" | "5", reporter: string): ReturnType<typeof runFixture> {
  return runFixture("reporting-toy", {
    vitest: major,
    args: ["shop", `--reporter=${reporter}`],
  });
}

/** The printed failure, without the lines around it. */
function failureIn(stderr: string): string {
  return stderr.replaceAll(/^⎯.*⎯$/gm, "").trim();
}
