import { expect, test } from "vitest";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("a changed file runs again without the cases of the run before", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const run = fixture.start(["shop", "--reporter=tree"], { command: "watch" });
    await run.printed("press q to quit");

    fixture.edit("shop.test.ts", "pay:", "settle:");
    const second = await run.printed("press q to quit");
    run.kill("SIGTERM");
    await run.ended;

    expect(second.slice(second.indexOf("✓ shop.test.ts"))).toMatchInlineSnapshot(`"t"`);
  });
});
