import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";

const READY = "press q to quit";
/** The rule in `app/rules.js`, right and wrong. */
const SAFE = "order.refunded === 0";
const UNSAFE = "order.refunded < 200";
const LEFT_OUT = "not run: unchanged since it passed (3 branches); press a to run all";
const WATCH = { command: "watch", plain: true } as const;

describeMajors((major) => {
  describe("a change runs the exploration again, what failed first", () => {
    test("of a file of the app's process, which no test imports", async () => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree"], WATCH);
      const first = await run.printed(READY);

      fixture.edit("app/rules.js", SAFE, UNSAFE);
      const second = await run.printed(READY);
      fixture.edit("app/rules.js", UNSAFE, SAFE);
      const third = await run.printed(READY);
      fixture.edit("app/rules.js", SAFE, UNSAFE);
      const fourth = await run.printed(READY);
      fixture.edit("app/rules.js", UNSAFE, "true");
      const fifth = await run.printed(READY);
      fixture.edit("app/rules.js", "true", SAFE);
      const sixth = await run.printed(READY);

      expect(casesOf(first)).toEqual([
        "✓ exploration",
        "✓ create order",
        "✓ create order → refund",
        "✓ create order → refund → refund",
      ]);
      expect(second).toContain("app/rules.js");
      expect(casesOf(second)).toContain("× create order → refund → refund");
      expect(casesOf(third)).toEqual([
        "✓ exploration",
        "✓ create order → refund → refund",
        "✓ create order",
        "✓ create order → refund",
      ]);
      expect(third).toContain("Fixed since the last run: create order → refund → refund");
      // It had passed, and is looked at first all the same.
      expect(casesOf(fourth)[1]).toBe("× create order → refund → refund");
      expect(casesOf(fifth)[1]).toBe("× create order → refund → refund");
      expect(casesOf(sixth)[1]).toBe("✓ create order → refund → refund");
    });

    test("of the schema", async () => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      fixture.edit("schema.sql", "DEFAULT 0", "DEFAULT 200");
      const second = await run.printed(READY);

      expect(second).toContain("schema.sql");
      expect(casesOf(second)).toContain("× create order");
    });

    test("of a file that the command names, without being told", async () => {
      await using fixture = openFixture("double-refund", major);
      const run = fixture.start(["--reporter=tree"], WATCH);
      expect(casesOf(await run.printed(READY))).toContain("× create order → refund → refund");

      fixture.edit("server.js", 'process.env.FIXED === "1"', "true");

      expect(casesOf(await run.printed(READY))[1]).toBe("✓ create order → refund → refund");
    });

    test("also where the app could not start before", async () => {
      await using fixture = openFixture("watch", major);
      fixture.edit("app/rules.js", "return", "retrun");
      const run = fixture.start(["--reporter=tree"], WATCH);
      expect(casesOf(await run.printed(READY))).toEqual(["× exploration"]);

      fixture.edit("app/rules.js", "retrun", "return");

      expect(casesOf(await run.printed(READY))).toHaveLength(4);
    });

    test("of a folder: a new file", async () => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      writeFileSync(join(fixture.folder, "app/taxes.js"), "export const tax = 0.2;\n");

      expect(await run.printed(READY)).toContain("app/taxes.js");
    });

    test("of a file outside the project", async () => {
      const outside = mkdtempSync(join(tmpdir(), "explore-watch-"));
      onTestFinished(() => rmSync(outside, { recursive: true }));
      writeFileSync(join(outside, "shared.json"), "{}");
      await using fixture = openFixture("watch", major);
      fixture.edit("shop.explore.test.ts", '"app"]', `"app", ${JSON.stringify(outside)}]`);
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      writeFileSync(join(outside, "shared.json"), "[]");

      expect(await run.printed(READY)).toContain("shared.json");
    });

    test("of a file that tests import too: all that need it, once", async () => {
      await using fixture = openFixture("watch", major);
      fixture.edit("shop.explore.test.ts", '"app"]', '"app", "amounts.ts"]');
      writeFileSync(
        join(fixture.folder, "amounts.test.ts"),
        'import { expect, test } from "vitest";\nimport { most } from "./amounts.ts";\ntest("most", () => expect(most).toBeGreaterThan(0));\n',
      );
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      fixture.edit("amounts.ts", "100", "100.5");
      const second = await run.printed(READY);
      run.kill("SIGTERM");
      const { stdout } = await run.ended;

      expect(second).toContain("Test Files  2 passed (2)");
      expect(stdout.match(/RERUN/g)).toHaveLength(1);
    });
  });

  describe("saved without a change, an exploration that has passed", () => {
    test.for(["forks", "threads", "vmThreads", "vmForks"])("is left out (%s)", async (pool) => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree", `--pool=${pool}`], WATCH);
      await run.printed(READY);

      save(fixture);
      const second = await run.printed(READY);

      expect(casesOf(second)).toEqual([`↓ exploration [${LEFT_OUT}]`]);
      expect(second).toContain(`vitest-explore: shop: ${LEFT_OUT}`);
      expect(second).toContain("Tests  1 skipped (1)");
      // Nothing was started for it.
      expect(second).not.toContain("isolation");
    });

    test("is run when asked for, and after every change", async () => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree"], { ...WATCH, keys: true });
      await run.printed(READY);

      run.press("a");
      expect(casesOf(await run.printed(READY))).toHaveLength(4);
      fixture.edit("amounts.ts", "100", "99");
      expect(casesOf(await run.printed(READY))).toContain("× create order → refund");
      save(fixture);
      expect(casesOf(await run.printed(READY))).toContain("× create order → refund");
      fixture.edit("amounts.ts", "99", "100");
      expect(casesOf(await run.printed(READY))).toHaveLength(4);
      save(fixture);
      expect(casesOf(await run.printed(READY))).toHaveLength(1);
      fixture.edit("app/rules.js", SAFE, `${SAFE} /* once */`);
      expect(casesOf(await run.printed(READY))).toHaveLength(4);
      run.press("r");
      expect(casesOf(await run.printed(READY))).toHaveLength(4);
    });

    test("is run where an ordinary test of its file is, and left out beside it", async () => {
      await using fixture = openFixture("watch", major);
      const own = 'import { test as plain } from "vitest";\nplain("ordinary", () => {});\n';
      fixture.edit("shop.explore.test.ts", "import { most }", `${own}import { most }`);
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      save(fixture);
      const second = await run.printed(READY);

      expect(second).toContain("✓ ordinary");
      expect(second).toContain("Tests  1 passed | 1 skipped (2)");
    });

    test.for<readonly [why: string, change: (fixture: Fixture) => void, ...args: string[]]>([
      [
        "the app's files were not named",
        ({ edit }) => edit("shop.explore.test.ts", 'watch: ["server.js", "app"],', ""),
      ],
      [
        "the option says so",
        ({ edit }) => edit("vitest.config.ts", "explore()", "explore({ rerunUnchanged: true })"),
      ],
      [
        "a report is made of it",
        ({ edit }) => edit("vitest.config.ts", "explore()", 'explore({ report: "json" })'),
      ],
      ["tests were picked by name", () => {}, "--testNamePattern=shop"],
    ])("is run where %s", async ([, change, ...args]) => {
      await using fixture = openFixture("watch", major);
      change(fixture);
      const run = fixture.start(["--reporter=tree", ...args], WATCH);
      await run.printed(READY);

      save(fixture);

      expect(casesOf(await run.printed(READY))).toHaveLength(4);
    });

    test("is run where another file of the project has changed, or come, or gone", async () => {
      await using fixture = openFixture("watch", major);
      const run = fixture.start(["--reporter=tree"], WATCH);
      await run.printed(READY);

      for (const change of [
        () => fixture.edit("README.md", "Watch", "Watched"),
        () => writeFileSync(join(fixture.folder, "prices.json"), "{}"),
        () => fixture.remove("prices.json"),
      ]) {
        change();
        save(fixture);
        expect(casesOf(await run.printed(READY))).toHaveLength(4);
      }
      save(fixture);
      expect(casesOf(await run.printed(READY))).toHaveLength(1);
    });
  });
});

/** Cases of the exploration in the order in which they were reported. */
function casesOf(output: string): readonly string[] {
  return [...output.matchAll(/^ {5,}([✓×↓] .*?)(?: +<time>)?$/gm)].map(([, name = ""]) => name);
}

/** Writes the spec as it is. */
function save(fixture: Fixture): void {
  fixture.edit("shop.explore.test.ts", "depth", "depth");
}
