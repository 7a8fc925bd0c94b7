import { expect, test } from "vitest";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test("output, notes, soft failures, diffs, retries and stacks belong to their branch", async () => {
    await using fixture = openFixture("reporting-toy", major);

    const { stdout, stderr, tests } = await fixture.run([
      "details",
      "--reporter=verbose",
      "--retry=1",
    ]);

    expect(tests).toMatchInlineSnapshot(`
      {
        "details.test.ts": {
          "details": {
            "compare": "failed",
            "exploration": "passed",
            "fails elsewhere": "failed",
            "flaky": "passed",
            "mocks are cleared": "passed",
            "mocks are cleared again": "passed",
            "note": "passed",
            "print": "passed",
            "remember": "passed",
            "remember too": "passed",
            "soft": "failed",
            "throws text": "failed",
          },
        },
      }
    `);
    expect(stdout).toMatchInlineSnapshot(`
      "
       RUN v<version> <folder>

      stdout | details.test.ts:14 > details > exploration
      before the driver

      stdout | details.test.ts:14 > details > print
      printed by a branch, green

       ✓ details.test.ts:14 > details > print <time>
       ✓ details.test.ts:14 > details > note <time>

         ❯ details.test.ts:14:16 hint
           ↳ a note

       ✓ details.test.ts:14 > details > remember <time>
       ✓ details.test.ts:14 > details > remember too <time>
       × details.test.ts:14 > details > soft <time>
         → first: expected 1 to be 2 // Object.is equality
         → second: expected 3 to be 4 // Object.is equality
       × details.test.ts:14 > details > compare <time> (retry x1)
         → expected { paid: 1, name: 'order' } to deeply equal { paid: 2, name: 'order' }

      Steps:
        1. compare   <- failed here
      Run only this branch: EXPLORE_REPLAY=5 npx vitest run details.test.ts

         → expected { paid: 1, name: 'order' } to deeply equal { paid: 2, name: 'order' }

      Steps:
        1. compare   <- failed here
      Run only this branch: EXPLORE_REPLAY=5 npx vitest run details.test.ts

       ✓ details.test.ts:14 > details > mocks are cleared <time>
       ✓ details.test.ts:14 > details > mocks are cleared again <time>
       × details.test.ts:14 > details > throws text <time> (retry x1)
         → plain text

      Steps:
        1. throws text   <- failed here
      Run only this branch: EXPLORE_REPLAY=8 npx vitest run details.test.ts

         → plain text

      Steps:
        1. throws text   <- failed here
      Run only this branch: EXPLORE_REPLAY=8 npx vitest run details.test.ts

       × details.test.ts:14 > details > fails elsewhere <time> (retry x1)
         → Expected property name or '}' in JSON at position 1 (line 1 column 2)

      Steps:
        1. fails elsewhere   <- failed here
      Run only this branch: EXPLORE_REPLAY=9 npx vitest run details.test.ts

         → Expected property name or '}' in JSON at position 1 (line 1 column 2)

      Steps:
        1. fails elsewhere   <- failed here
      Run only this branch: EXPLORE_REPLAY=9 npx vitest run details.test.ts

       ✓ details.test.ts:14 > details > flaky <time> (retry x1)
       ✓ details.test.ts:14 > details > exploration <time>

         ❯ explored
           ↳ 11 transitions


        Snapshots  2 written
       Test Files  1 failed (1)
            Tests  4 failed | 8 passed (12)

      "
    `);
    // Where each failure points. Vitest 5 also says in which attempts.
    const lines = stderr.match(/FAIL .*|❯ .*details\.test.*/g) ?? [];
    expect([...new Set(lines.map((line) => line.replace(/ \(.*\)$/, "")))]).toMatchInlineSnapshot(`
      [
        "FAIL  details.test.ts:14 > details > soft",
        "❯ Object.soft details.test.ts:32:31",
        "❯ Object.soft details.test.ts:33:32",
        "FAIL  details.test.ts:14 > details > compare",
        "❯ Object.compare details.test.ts:36:42",
        "FAIL  details.test.ts:14 > details > throws text",
        "❯ test.explore details.test.ts:14:16",
        "FAIL  details.test.ts:14 > details > fails elsewhere",
        "❯ Object.fails elsewhere details.test.ts:50:12",
      ]
    `);
  });

  test("output of fast branches belongs to them once one has printed", async () => {
    await using fixture = openFixture("reporting-toy", major);

    const { stdout } = await fixture.run(["prints"]);

    expect(stdout.match(/^(stdout|printed).*/gm)).toMatchInlineSnapshot(`
      [
        "stdout | prints.test.ts:6 > prints > exploration",
        "printed by branch 6",
        "stdout | prints.test.ts:6 > prints > branch 7",
        "printed by branch 7",
        "stdout | prints.test.ts:6 > prints > branch 8",
        "printed by branch 8",
      ]
    `);
  });

  test("snapshots are named after their branch, and kept when other branches run", async () => {
    await using fixture = openFixture("reporting-toy", major);
    await fixture.run(["details"]);
    const written = fixture.read("__snapshots__/details.test.ts.snap");
    const focused: (number | null)[] = [];
    for (const pattern of ["details.*remember too$", "details.*remember", "nothing of this name"]) {
      for (const [more, env] of [[[], { CI: "true" }] as const, [["--update"], {}] as const]) {
        // A fresh checkout knows of no branches.
        fixture.remove("node_modules");
        const run = await fixture.run(["details", "-t", pattern, ...more], { env });
        focused.push(run.exitCode);
      }
    }

    expect(written).toMatchInlineSnapshot(`
      "// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

      exports[\`details > remember 1\`] = \`
      {
        "kept": true,
      }
      \`;

      exports[\`details > remember too 1\`] = \`"another"\`;
      "
    `);
    expect(focused).toEqual([0, 0, 0, 0, 0, 0]);
    expect(fixture.read("__snapshots__/details.test.ts.snap")).toBe(written);
  });

  test("a whole run notices obsolete snapshots of branches", async () => {
    await using fixture = openFixture("reporting-toy", major);
    await fixture.run(["details"]);
    fixture.edit("details.test.ts", '"remember too"', '"remembered no more"');

    const { stdout } = await fixture.run(["details"]);

    expect(stdout.match(/Snapshots[\s\S]*?(?=\n Test)/)?.[0]).toMatchInlineSnapshot(`
      "Snapshots  1 written
                   1 obsolete
                   ↳ ./details.test.ts
                     · details > remember too 1
      "
    `);
  });
});
