import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("a random walk's failure is told by a shorter path, which its command replays", async () => {
    await using fixture = openFixture("detour", major);
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "json" })');
    const { stderr } = await fixture.run();
    const trace = traceIn(join(fixture.folder, ".vitest/explore"));
    const replayed = await fixture.run([], { env: { EXPLORE_REPLAY: "2/2" } });

    expect(/^Error: Invariant[^]*?^Run only.*$/m.exec(stderr)?.[0]).toMatchInlineSnapshot(`
      "Error: Invariant "a coupon is used once" does not hold after 2 steps

      Shrunk from 3 steps to 2: use coupon → use coupon

      Steps:
        1. use coupon
             db.carts  ~ id "ann": coupon 0 → 1
        2. use coupon   <- failed here
             db.carts  ~ id "ann": coupon 1 → 2
      Run only this branch: EXPLORE_REPLAY=2/2 npx vitest run shop.explore.test.ts"
    `);
    expect(trace.branches.find(({ failure }) => failure !== undefined)).toMatchObject({
      path: "2/0/2",
      failure: { shrunk: "2/2", steps: [{ number: 1 }, { number: 2 }] },
    });
    expect(replayed.tests).toEqual({
      "shop.explore.test.ts": {
        shop: { exploration: "passed", "use coupon → use coupon": "failed" },
      },
    });
  });

  test("the next run, which begins with what failed, tells the same", async () => {
    await using fixture = openFixture("detour", major);
    const first = await fixture.run();
    const second = await fixture.run();

    expect(second.tests).toEqual(first.tests);
    expect(second.stderr).toBe(first.stderr);
  });
});

function traceIn(folder: string): Trace {
  const [file = ""] = readdirSync(folder);
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as Trace;
}
