import { expect, test } from "vitest";
import { describeMajors, openFixture, runFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("a branch that fails fails the run, and the others run on", async () => {
    const { tests, exitCode } = await ends("fail");

    expect(tests).toEqual({
      "ends.test.ts": {
        ends: {
          exploration: "passed",
          before: "passed",
          end: "failed",
          after: "failed",
          last: "passed",
        },
        "another test": "passed",
      },
    });
    expect(exitCode).toBe(1);
  });

  test("--bail ends the exploration after so many failed branches", async () => {
    const one = await ends("fail", "--bail=1");
    const two = await ends("fail", "--bail=2");

    expect(one.tests).toEqual({
      "ends.test.ts": {
        ends: { exploration: "skipped", before: "passed", end: "failed" },
        "another test": "skipped",
      },
    });
    expect(two.tests).toEqual({
      "ends.test.ts": {
        ends: { exploration: "skipped", before: "passed", end: "failed", after: "failed" },
        "another test": "skipped",
      },
    });
    expect([one.exitCode, two.exitCode]).toEqual([1, 1]);
  });

  test("--bail counts fast branches one by one", async () => {
    const { stdout } = await runFixture("reporting-toy", {
      vitest: major,
      args: ["fails", "--bail=7"],
    });

    expect(stdout).toMatch(/Tests {2}7 failed \| 1 skipped \(8\)/);
  });

  test("an exploration that breaks off settles the branch that was running", async () => {
    const { tests, stderr, exitCode } = await ends("end the exploration");

    expect(tests).toEqual({
      "ends.test.ts": {
        ends: { exploration: "failed", before: "passed", end: "skipped" },
        "another test": "passed",
      },
    });
    expect(stderr).toContain("Error: the world is unusable");
    expect(exitCode).toBe(1);
  });

  test("a branch that kills the worker is reported as failed", async () => {
    const { tests, exitCode, stderr } = await ends("kill");

    expect(tests).toEqual({
      "ends.test.ts": {
        ends: { exploration: "pending", before: "passed", end: "failed" },
        "another test": "pending",
      },
    });
    expect(stderr.slice(0, stderr.indexOf("⎯[1/1]⎯"))).toMatchInlineSnapshot(`
      "
      ⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

       FAIL  ends.test.ts:24 > ends > end
      WorkerCrash: The worker stopped while this branch was running: end
      Its process was killed, ran out of memory, or crashed in native code.
       ❯ test.explore ends.test.ts:24:1
           22| };
           23|
           24| explore("ends", {
             | ^
           25|   depth: 1,
           26|   actions: {

      ⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯"
    `);
    expect(exitCode).toBe(1);
  });

  test("process.exit in a branch is an error of that branch", async () => {
    const { tests, stderr } = await ends("exit");

    expect(tests).toMatchObject({
      "ends.test.ts": { ends: { end: "failed", after: "passed", last: "passed" } },
    });
    expect(stderr).toContain('process.exit unexpectedly called with "7"');
  });

  // A branch may ignore the signal: the run ends all the same, some seconds later.
  test.for(["hang", "hang deaf"])("a cancelled run settles a running branch: %s", async (way) => {
    const { stdout } = await runFixture("reporting-toy", {
      vitest: major,
      command: "drive-vitest.ts",
      args: ["cancel", "ends"],
      env: { TOY_END: way },
    });

    expect(stdout).toMatchInlineSnapshot(`
      "first run:
        ends > exploration: skipped, The test run was aborted by the user.
        ends > before: passed
        ends > end: skipped, The test run was aborted by the user.
        another test: skipped, The test run was aborted by the user.
      "
    `);
  });

  test("Ctrl-C ends Vitest and its workers at once", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const run = fixture.start(["ends", "--reporter=verbose"], { env: { TOY_END: "hang" } });
    await run.printed("ends > before");
    const began = Date.now();

    run.kill("SIGINT");
    const { exitCode, signal } = await run.ended;

    expect(exitCode === 0 && signal === null).toBe(false);
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  async function ends(way: string, ...args: string[]): ReturnType<typeof runFixture> {
    return runFixture("reporting-toy", {
      vitest: major,
      args: ["ends", ...args],
      env: { TOY_END: way },
    });
  }
});
