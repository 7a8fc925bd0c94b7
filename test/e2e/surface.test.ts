import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeMajors, openFixture, runFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("refuses every wrong option when the exploration starts, by name, with the cure", async () => {
    const { tests, stderr, exitCode } = await runFixture("surface", {
      vitest: major,
      args: ["wrong"],
    });

    const refused = { exploration: "failed" };
    expect(tests).toEqual({
      "wrong.test.ts": {
        "two actions of one name": refused,
        "depth 0": refused,
        "an unknown strategy": refused,
        "an action that is no function": refused,
        "an empty action list": refused,
        "a rule that answers with something else": expect.objectContaining(refused),
      },
    });
    expect(exitCode).toBe(1);
    const messages = stderr.split("\n").filter((line) => /EXPLORE_|ExploreError/.test(line));
    expect(messages.map((line) => line.replace("ExploreError ", "").trim())).toMatchInlineSnapshot(`
      [
        "[EXPLORE_USAGE]: test.explore("two actions of one name"): actions has two actions called "pay".",
        "[EXPLORE_USAGE]: test.explore("depth 0"): depth must be a positive integer, got 0.",
        "[EXPLORE_USAGE]: test.explore("an unknown strategy"): strategy must name a strategy, got "best-first".",
        "[EXPLORE_USAGE]: test.explore("an action that is no function"): actions["pay"] must be a function, got "POST /pay".",
        "[EXPLORE_USAGE]: test.explore("an empty action list"): actions is empty: there is nothing to explore.",
        "[EXPLORE_USAGE]: invariant "stock is never negative" answered undefined, not true or false.",
      ]
    `);
  });

  test("names the plugin's two lines when it is missing", async () => {
    const { stderr, exitCode } = await runFixture("surface", {
      vitest: major,
      args: ["outcomes", "--config=no-plugin.config.ts"],
    });

    expect(exitCode).toBe(1);
    expect(stderr).toContain('import explore from "vitest-explore";');
    expect(stderr).toContain("plugins: [explore()],");
  });

  test("gives actions, rules and hooks the user's own fixtures", async () => {
    const { tests, exitCode } = await runFixture("surface", {
      vitest: major,
      args: ["own-fixtures"],
    });

    expect(tests).toEqual({
      "own-fixtures.test.ts": {
        "a test that the user extended before": {
          exploration: "passed",
          register: "passed",
          "register → register": "passed",
        },
        "a test that the user extended after": { exploration: "passed", register: "passed" },
        "hooks around each branch": {
          exploration: "passed",
          register: "passed",
          "register → register": "passed",
        },
        "hooks ran around each branch": "passed",
      },
    });
    expect(exitCode).toBe(0);
  });

  test("tells a finding, a doubt and a failure of the spec apart", async () => {
    const { tests, stderr } = await runFixture("surface", { vitest: major, args: ["outcomes"] });

    expect(tests).toEqual({
      "outcomes.test.ts": {
        "an action that throws": {
          exploration: "passed",
          note: "passed",
          crash: "passed",
          "note → note": "passed",
          "note → crash": "failed",
        },
        "a rule without a witness": {
          exploration: "failed",
          note: "passed",
          "note → note": "passed",
        },
        "a rule without a witness when the budget ended first": {
          exploration: "passed",
          note: "passed",
        },
        "an action that is never enabled": { exploration: "passed", note: "passed" },
        "a rule that fails in the initial state": {
          exploration: "passed",
          "initial state": "failed",
        },
        "a state of the user's own making": {
          exploration: "passed",
          note: "passed",
          "note → note": "passed",
        },
        "an app that is not a function of its actions": { exploration: "passed", note: "failed" },
      },
    });
    expect(stderr).toContain("one is too few");
    expect(stderr).toContain('"three notes" held in none of the 3 states reached.');
    expect(stderr).toContain('Action "never" was enabled in none of the 2 states reached.');
    expect(stderr).toContain('"three notes" never held, but not everything was explored');
    expect(stderr).toContain('Invariant "there is a note" does not hold in the initial state');
    expect(stderr).toContain("Replay diverged");
  });

  test("starts nothing that no test needs", async () => {
    await using fixture = openFixture("surface", major);

    const { tests, exitCode } = await fixture.run(["lazy"]);

    expect(tests).toEqual({
      "lazy.test.ts": {
        "nothing starts for a test that does not use the world": "passed",
        "nor for an exploration that is skipped": { exploration: "skipped" },
      },
    });
    expect(exitCode).toBe(0);
    expect(existsSync(join(fixture.folder, "started.txt"))).toBe(false);
  });

  test("gives concurrent explorations a world each", async () => {
    const { tests } = await runFixture("surface", { vitest: major, args: ["concurrent"] });

    const branches = {
      exploration: "passed",
      add: "passed",
      clear: "passed",
      "add → add": "passed",
      "add → clear": "passed",
      "add → add → add": "passed",
      "add → add → clear": "passed",
    };
    expect(tests).toEqual({ "concurrent.test.ts": { Ada: branches, Eve: branches } });
  });

  test("finds the double refund in a mock", async () => {
    const { tests, exitCode } = await runFixture("mock-shop", { vitest: major });

    expect(tests).toEqual({
      "shop.explore.test.ts": {
        shop: {
          exploration: "passed",
          "create order": "passed",
          "create order → refund": "passed",
          "create order → refund → refund": "failed",
        },
        "a hand-written test finds the world in its first state": "passed",
        "and so does the next one": "passed",
      },
    });
    expect(exitCode).toBe(1);
  });
});
