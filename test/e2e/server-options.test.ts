import { expect, test } from "vitest";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("systems are declared without a server being started or missed", async () => {
    const { tests, stderr } = await runFixture("server-options", { vitest: major });

    expect(tests).toEqual({
      "options.test.ts": { "a server that no test needs is not started": "passed" },
    });
    expect(stderr).toBe("");
  });
});
