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

    expect(tests).toMatchInlineSnapshot(`{}`);
    expect(stdout).toMatchInlineSnapshot(`""`);
    // Vitest 5 says which attempt failed.
    expect(
      stderr.replaceAll(/ \((initial run|1st retry|initial run, 1st retry)\)$/gm, ""),
    ).toContain("");
  });

  test("snapshots are named after their branch, and kept when other branches run", async () => {
    await using fixture = openFixture("reporting-toy", major);
    const ci = { env: { CI: "true" } };

    await fixture.run(["details"]);
    const written = fixture.read("__snapshots__/details.test.ts.snap");
    const all = await fixture.run(["details", "-t", "details.*remember"], ci);
    const one = await fixture.run(["details", "-t", "details.*remember too$"], ci);
    const none = await fixture.run(["details", "-t", "nothing of this name"], ci);
    await fixture.run(["details", "-t", "details.*remember too$", "--update"]);

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
    expect([all.exitCode, one.exitCode, none.exitCode]).toEqual([0, 0, 0]);
    expect(fixture.read("__snapshots__/details.test.ts.snap")).toBe(written);
  });

  test("a whole run notices obsolete snapshots of branches", async () => {
    await using fixture = openFixture("reporting-toy", major);
    await fixture.run(["details"]);
    fixture.edit("details.test.ts", '"remember too"', '"remembered no more"');

    const { stdout } = await fixture.run(["details"]);

    expect(stdout).toMatch(/Snapshots {2}1 (written|obsolete)[\s\S]*1 obsolete/);
  });
});
