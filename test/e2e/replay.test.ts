import { describe, expect, test } from "vitest";
import {
  describeMajors,
  type Fixture,
  type FixtureRun,
  type Major,
  openFixture,
  runFixture,
} from "../support/run-fixture.ts";

const FAILING = "create order → refund → refund";

describeMajors((major) => {
  test("the command in a failure replays just that branch, with the same report", async () => {
    await using fixture = openFixture("double-refund", major);
    const first = await fixture.run();
    const [, token] =
      /^Run only this branch: EXPLORE_REPLAY=(\S+) npx vitest run shop\.explore\.test\.ts$/m.exec(
        first.stderr,
      ) ?? [];
    // Nothing that was learned is needed.
    fixture.remove("node_modules");

    const { tests, stdout, stderr } = await fixture.run(["shop.explore.test.ts"], {
      env: { EXPLORE_REPLAY: String(token) },
    });

    expect(token).toBe("0/1/1");
    expect(tests).toEqual({
      "shop.explore.test.ts": { shop: { exploration: "passed", [FAILING]: "failed" } },
    });
    expect(stdout).toContain("only the branches asked for were run");
    expect(stderr).toBe(first.stderr);
  });

  test("so does the option; in the repaired app the branch passes", async () => {
    await using fixture = openFixture("double-refund", major);
    fixture.edit("shop.explore.test.ts", "  depth: 5,\n", '  depth: 5,\n  replay: "0/1/1",\n');

    const { tests, exitCode } = await fixture.run([], { env: { FIXED: "1" } });

    expect(tests).toEqual({
      "shop.explore.test.ts": { shop: { exploration: "passed", [FAILING]: "passed" } },
    });
    expect(exitCode).toBe(0);
  });

  describe("a path that leads nowhere says at which step, and what there is", () => {
    test("when a step is the number of no action", async () => {
      const { stderr, exitCode } = await replayed(major, "0/7");

      expect(exitCode).toBe(1);
      expect(/^ExploreError.*\n.*$/m.exec(stderr)?.[0]).toMatchInlineSnapshot(`
        "ExploreError [EXPLORE_USAGE]: EXPLORE_REPLAY is "0/7": step 2 is "7", which is the number of no action.
        The actions are 0 create order, 1 refund, 2 cancel. Take the path from the report of a failure, e.g. \`0/2/1\`; \`/\` is the initial state."
      `);
    });

    test("when a step is not enabled", async () => {
      const { stderr, exitCode } = await replayed(major, "0/0/1");

      expect(exitCode).toBe(1);
      expect(/^ExploreError[^]*?^Run only/m.exec(stderr)?.[0]).toMatchInlineSnapshot(`
        "ExploreError [EXPLORE_USAGE]: Path 0/0/1: step 2 of 3 (create order) is not enabled after create order.
          enabled there: 1 refund, 2 cancel
        Either the spec or the app has changed since the path was written down: correct it, or explore again to find out whether there is still a path to the failure.

        Steps:
          1. create order
          2. create order   <- failed here
          3. refund
        Run only"
      `);
    });
  });

  test("what failed is run first, and a fixed one is said to be fixed, once", async () => {
    await using fixture = openFixture("double-refund", major);
    const run = (env: Readonly<Record<string, string>>): Promise<FixtureRun> =>
      fixture.run(["--reporter=tree"], { env });
    const first = await run({});
    const second = await run({});
    const fixed = await run({ FIXED: "1" });
    const after = await run({ FIXED: "1" });

    const [plain = [], again, repaired] = [first, second, fixed].map(casesIn);
    const rest = plain.filter((name) => name !== FAILING);
    expect(plain.indexOf(FAILING)).toBeGreaterThan(0);
    expect(again).toEqual([FAILING, ...rest]);
    expect(repaired).toEqual([FAILING, ...rest]);
    expect(second.stderr).toBe(first.stderr);
    expect(second.tests).toEqual(first.tests);
    expect([first, second, fixed, after].map(({ stdout }) => saysFixed(stdout))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(casesIn(after)).toEqual(plain);
  });

  test("sequences of the spec are branches beside the others, beyond the depth too", async () => {
    const { tests } = await runFixture("sequences", { vitest: major });

    expect(tests).toEqual({
      "shop.explore.test.ts": {
        shop: {
          exploration: "passed",
          "create order → refund → refund": "passed",
          "create order → cancel → refund → cancel → refund → cancel": "passed",
          "create order": "passed",
          "create order → refund": "passed",
          "create order → cancel": "passed",
        },
      },
    });
  });

  test("a sequence that cannot be taken fails by its step, one of unknown names at the start", async () => {
    await using fixture = openFixture("double-refund", major);
    addPaths(fixture, '[["create order", "create order", "refund"]]');
    const disabled = await fixture.run([], { env: { FIXED: "1" } });
    fixture.edit("shop.explore.test.ts", '"create order", "create order"', '"buy", "create order"');
    const unknown = await fixture.run();

    expect(/^ExploreError[^]*?^Run only/m.exec(disabled.stderr)?.[0]).toMatchInlineSnapshot(`
      "ExploreError [EXPLORE_USAGE]: Path 0/0/1: step 2 of 3 (create order) is not enabled after create order.
        enabled there: 1 refund, 2 cancel
      Either the spec or the app has changed since the path was written down: correct it, or explore again to find out whether there is still a path to the failure.

      Steps:
        1. create order
        2. create order   <- failed here
        3. refund
      Run only"
    `);
    expect(unknown.stderr).toContain(
      'test.explore("shop"): paths[0][0] names no action, got "buy".',
    );
  });
});

function replayed(major: Major, token: string): Promise<FixtureRun> {
  return runFixture("double-refund", { vitest: major, env: { EXPLORE_REPLAY: token } });
}

function addPaths(fixture: Fixture, paths: string): void {
  fixture.edit("shop.explore.test.ts", "  depth: 5,\n", `  depth: 5,\n  paths: ${paths},\n`);
}

/** Names of the branches, in the order reported. */
function casesIn({ stdout }: { readonly stdout: string }): readonly string[] {
  return [...stdout.matchAll(/^ +[✓×] (create order.*?) <time>$/gm)].map(([, name = ""]) => name);
}

function saysFixed(stdout: string): boolean {
  return stdout.includes(`Fixed since the last run: ${FAILING}`);
}
