import { expect, test } from "vitest";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";

const REPORTERS = ["--reporter=junit", "--outputFile.junit=junit.xml"];

describeMajors((major) => {
  test("JUnit has a case for each branch, with a name and properties that stay", async () => {
    await using fixture = openFixture("mock-shop", major);
    const { stdout } = await fixture.run([...REPORTERS, "--reporter=verbose"]);
    const first = junitOf(fixture);
    await fixture.run(REPORTERS);
    const second = casesOf(junitOf(fixture));
    // As in CI, where nothing is known of an earlier run.
    fixture.remove("node_modules");
    await fixture.run(REPORTERS);

    expect(junitOf(fixture)).toBe(first);
    // In another order: what failed is run first.
    expect(second).toEqual(casesOf(first));
    expect(casesOf(first)).toMatchInlineSnapshot(`
      {
        "a hand-written test finds the world in its first state": {},
        "and so does the next one": {},
        "shop &gt; create order": {
          "explore.path": "0",
        },
        "shop &gt; create order → refund": {
          "explore.path": "0/1",
        },
        "shop &gt; create order → refund → refund": {
          "explore.failure": "violation",
          "explore.invariant": "refunds never exceed the order",
          "explore.path": "0/1/1",
        },
        "shop &gt; exploration": {
          "explore.complete": "true",
          "explore.outcome": "violation",
          "explore.states": "4",
          "explore.transitions": "3",
        },
      }
    `);
    // Nobody else shows them.
    expect(stdout).not.toContain("explore.path");
  });

  test("and so has the JUnit report of merged blobs", async () => {
    await using fixture = openFixture("mock-shop", major);
    await fixture.run(["--reporter=blob", ...REPORTERS], { plain: true });
    const first = casesOf(junitOf(fixture));
    await fixture.run(["--merge-reports", ...REPORTERS]);

    expect(casesOf(junitOf(fixture))).toEqual(first);
  });

  test("and so have branches in a project with a runner of its own", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const env = { TOY_RUNNER: "./own-runner.ts" };
    await fixture.run(["shop", "--config=layers.config.ts", ...REPORTERS], { env });

    expect(casesOf(junitOf(fixture))).toMatchObject({
      "shop &gt; pay → pay": { "explore.path": "1/1", "explore.failure": "error" },
    });
  });
});

/** The report without times. */
function junitOf(fixture: Fixture): string {
  return fixture.read("junit.xml").replaceAll(/ (time|timestamp)="[^"]*"/g, "");
}

/** Properties by name of the case. */
function casesOf(junit: string): Readonly<Record<string, unknown>> {
  const cases = junit.matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs);
  return Object.fromEntries(
    [...cases].map(([, name = "", content = ""]) => {
      const properties = content.matchAll(/<property name="([^"]*)" value="([^"]*)">/g);
      return [name, Object.fromEntries([...properties].map(([, key, value]) => [key, value]))];
    }),
  );
}
