import { expect, test } from "vitest";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

/** The cases that were not skipped, by full name. */
function ran(tests: unknown, names: readonly string[] = []): string[] {
  if (typeof tests === "string") {
    return tests === "skipped" ? [] : [`${names.join(" > ")}: ${tests}`];
  }
  return Object.entries(tests as object).flatMap(([name, inner]) => ran(inner, [...names, name]));
}

describeMajors((major) => {
  test("runs one branch by name, with and without the names of an earlier run", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const repro = ["shop", "-t", "shop.*pay → pay$"];

    const unknown = await fixture.run(repro);
    await fixture.run(["shop"]);
    const known = await fixture.run(repro);

    expect(unknown.tests).toEqual({
      "shop.test.ts": {
        shop: { exploration: "passed", "pay → pay": "failed" },
        "hand-written": "skipped",
      },
    });
    expect(known.tests).toEqual({
      "shop.test.ts": {
        shop: {
          exploration: "passed",
          add: "skipped",
          pay: "skipped",
          "add → add": "skipped",
          "add → pay": "skipped",
          "pay → add": "skipped",
          "pay → pay": "failed",
        },
        "hand-written": "skipped",
      },
    });
    expect(known.exitCode).toBe(1);
  });

  test("takes name patterns of both majors, the suite's name and its line", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const whole = ran((await fixture.run(["shop"])).tests).filter((each) => !each.includes("hand"));
    const driver = "shop.test.ts > shop > exploration: passed";
    const branch = "shop.test.ts > shop > add → pay: passed";

    expect(ran((await fixture.run(["shop", "-t", "shop > add → pay"])).tests)).toEqual([
      driver,
      branch,
    ]);
    expect(ran((await fixture.run(["shop", "-t", "shop add → pay"])).tests)).toEqual([
      driver,
      branch,
    ]);
    expect(ran((await fixture.run(["shop", "-t", "^shop$"])).tests)).toEqual(whole);
    expect(ran((await fixture.run(["shop.test.ts:4"])).tests)).toEqual(whole);
  });

  test("does not explore for another test, nor to list tests", async () => {
    await using fixture = openFixture("reporting-toy", major);

    const other = await fixture.run(["shop", "-t", "hand"]);
    const list = await fixture.run(["shop"], { command: "list" });

    expect(ran(other.tests)).toEqual(["shop.test.ts > hand-written: passed"]);
    expect(list.stdout.split("\n").filter((line) => line.includes("→"))).toEqual([]);
    expect(list.stdout).toContain("shop.test.ts > hand-written");
    expect(list.exitCode).toBe(0);
  });

  test("reaches a branch of a nested exploration without the names of an earlier run", async () => {
    await using fixture = openFixture("reporting-toy", major);

    const { tests } = await fixture.run(["modes", "-t", "explorations and tests.*nested.*b$"]);

    expect(ran(tests).filter((each) => each.includes("nested"))).toEqual([
      "modes.test.ts > explorations and tests > nested > exploration: passed",
      "modes.test.ts > explorations and tests > nested > b: passed",
    ]);
    expect(ran(tests).filter((each) => each.includes("skipped suite"))).toEqual([]);
  });

  test.runIf(major === "5")("runs the branches that failed last", async () => {
    await using fixture = openFixture("reporting-toy", major);
    await fixture.run(["shop"]);

    const { tests } = await fixture.run(["shop", "--lastFailed"]);

    expect(ran(tests)).toEqual([
      "shop.test.ts > shop > exploration: passed",
      "shop.test.ts > shop > pay → pay: failed",
    ]);
  });

  test("runs cases by id, as the UI and editors do, and drops the cases of the run before", async () => {
    await using fixture = openFixture("reporting-toy", major);

    const { stdout } = await fixture.run(["ids", "shop"], { command: "drive-vitest.ts" });

    expect(stdout).toMatchInlineSnapshot(`
      "first run:
        shop > exploration: passed
        shop > add: passed
        shop > pay: passed
        shop > add → add: passed
        shop > add → pay: passed
        shop > pay → add: passed
        shop > pay → pay: failed
        hand-written: passed
      one branch:
        shop > exploration: passed
        shop > add: skipped
        shop > pay: skipped
        shop > add → add: skipped
        shop > add → pay: skipped
        shop > pay → add: skipped
        shop > pay → pay: failed
        hand-written: skipped
      two branches:
        shop > exploration: passed
        shop > add: skipped
        shop > pay: skipped
        shop > pay → add: skipped
        shop > pay → pay: skipped
        shop > add → add: passed
        shop > add → pay: passed
        hand-written: skipped
      the driver:
        shop > exploration: passed
        shop > add: passed
        shop > pay: passed
        shop > add → add: passed
        shop > add → pay: passed
        shop > pay → add: passed
        shop > pay → pay: failed
        hand-written: skipped
      another test:
        shop > exploration: skipped
        hand-written: passed
      "
    `);
  });

  test("forgets the names of branches that a whole run no longer meets", async () => {
    await using fixture = openFixture("reporting-toy", major);
    await fixture.run(["shop"]);
    fixture.edit("shop.test.ts", "pay:", "settle:");
    await fixture.run(["shop"]);

    const { tests } = await fixture.run(["shop", "-t", "shop.*settle → add$"]);

    expect(tests).toEqual({
      "shop.test.ts": {
        shop: {
          exploration: "passed",
          add: "skipped",
          settle: "skipped",
          "add → add": "skipped",
          "add → settle": "skipped",
          "settle → add": "passed",
          "settle → settle": "skipped",
        },
        "hand-written": "skipped",
      },
    });
  });
});
