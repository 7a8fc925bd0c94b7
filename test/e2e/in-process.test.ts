import { expect, test } from "vitest";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

const shop = {
  exploration: "passed",
  "create order": "passed",
  "create order → refund": "passed",
  "create order → refund → refund": "failed",
};

describeMajors((major) => {
  test("explores an app in the test's own process, and isolates tests without an app", async () => {
    const { tests, stdout } = await runFixture("in-process", { vitest: major });

    expect(tests).toEqual({
      "shop.explore.test.ts": {
        "a fetch handler": shop,
        "a Node handler": shop,
        "a test that only uses the handle": "passed",
        "the next one finds the first state, counters included": "passed",
      },
    });
    expect(stdout.match(/db: isolation \w+/g)).toEqual([
      "db: isolation undo",
      "db: isolation savepoint",
    ]);
  });
});
