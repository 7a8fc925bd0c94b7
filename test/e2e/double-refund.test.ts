import { describe, expect, test } from "vitest";
import { lane, needs } from "../support/lane.ts";
import { describeMajors, type Major, openFixture, runFixture } from "../support/run-fixture.ts";

const shop = {
  exploration: "passed",
  "create order": "passed",
  "create order → refund": "passed",
  "create order → cancel": "passed",
  "create order → refund → refund": "failed",
  "create order → refund → cancel": "passed",
  "create order → cancel → refund": "passed",
  "create order → cancel → cancel": "passed",
} as const;

const BROKEN = { "shop.explore.test.ts": { shop } };
const FIXED = {
  "shop.explore.test.ts": { shop: { ...shop, "create order → refund → refund": "passed" } },
};

describeMajors((major) => {
  test("finds the double refund of an app in another process, as three steps", async () => {
    const { tests, exitCode, stdout, stderr } = await runFixture("double-refund", {
      vitest: major,
      args: ["--reporter=tree"],
    });

    expect(tests).toEqual(BROKEN);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'Invariant "refunds never exceed the order" does not hold after 3 steps',
    );
    expect(stdout).toContain("db: isolation undo, because");
  });

  test("finds nothing in the repaired app", async () => {
    const { tests, exitCode } = await runFixture("double-refund", {
      vitest: major,
      env: { FIXED: "1" },
    });

    expect(tests).toEqual(FIXED);
    expect(exitCode).toBe(0);
  });
});

lane("an app in Python", needs("python3", ["-c", "import sqlite3"]), () => {
  describe("has the same spec and the same result", () => {
    test.for([
      ["broken", {}, BROKEN],
      ["repaired", { FIXED: "1" }, FIXED],
    ] as const)("%s", async ([, env, expected]) => {
      const major: Major = "5";
      await using fixture = openFixture("double-refund", major);
      fixture.edit("shop.explore.test.ts", "node server.js", "python3 server.py");

      const { tests } = await fixture.run([], { env });

      expect(tests).toEqual(expected);
    });
  });
});
