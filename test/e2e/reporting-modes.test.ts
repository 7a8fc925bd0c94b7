import { expect, test } from "vitest";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

const RAN = { exploration: "passed", a: "passed", b: "passed" };

const MODES = {
  skipped: { exploration: "skipped" },
  planned: { exploration: "todo" },
  together: RAN,
  "at once": RAN,
  east: { "same names": RAN },
  west: { "same names": RAN },
  "a skipped suite": { inside: { exploration: "skipped" } },
  "explorations and tests": { beside: "passed", nested: RAN },
};

const ONLY = {
  chosen: RAN,
  "left out": { exploration: "skipped" },
  "left out too": "skipped",
};

describeMajors((major) => {
  test("honours only, skip, todo and concurrent, in one worker and in several", async () => {
    const expected = { "modes.test.ts": MODES, "only.test.ts": ONLY };
    const isolated = await runFixture("reporting-toy", { vitest: major, args: ["modes", "only"] });
    const shared = await runFixture("reporting-toy", {
      vitest: major,
      args: ["modes", "only", "--no-isolate", "--maxWorkers=1"],
    });

    expect(isolated.tests).toEqual(expected);
    expect(isolated.exitCode).toBe(0);
    expect(shared.tests).toEqual(expected);
    expect(shared.exitCode).toBe(0);
  });

  test("runs concurrent explorations side by side", async () => {
    const { stdout } = await runFixture("reporting-toy", {
      vitest: major,
      args: ["modes", "-t", "together|at once", "--reporter=verbose"],
    });
    const lines = stdout.split("\n").filter((line) => / (a|b|exploration) <time>/.test(line));

    // Both first branches are done before either exploration has ended.
    expect(
      lines
        .slice(0, 2)
        .map((line) => line.replace(/.*:\d+ > | <time>/g, ""))
        .toSorted(),
    ).toEqual(["at once > a", "together > a"]);
  });

  test("reports branches of the projects of one configuration apart", async () => {
    const { tests, stdout, exitCode } = await runFixture("reporting-toy", {
      vitest: major,
      args: ["--config=projects.config.ts", "--reporter=tree"],
    });

    expect(tests).toMatchObject({ "modes.test.ts": MODES });
    expect(
      stdout.match(/\|(north|south)\| shop.test.ts \(8 tests \| 1 failed\)/g)?.toSorted(),
    ).toEqual([
      "|north| shop.test.ts (8 tests | 1 failed)",
      "|south| shop.test.ts (8 tests | 1 failed)",
    ]);
    expect(exitCode).toBe(1);
  });
});
