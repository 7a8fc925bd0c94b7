import { readdirSync } from "node:fs";
import { join } from "node:path";
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

    expect(second.slice(second.indexOf("✓ shop.test.ts"))).toMatchInlineSnapshot(`
      "✓ shop.test.ts (8 tests) <time>
         ✓ shop (7)
           ✓ exploration <time>
           ✓ add <time>
           ✓ settle <time>
           ✓ add → add <time>
           ✓ add → settle <time>
           ✓ settle → add <time>
           ✓ settle → settle <time>
         ✓ hand-written <time>

       Test Files  1 passed (1)
            Tests  8 passed (8)

       PASS  Waiting for file changes...
             press h to show help, press q to quit"
    `);
  });

  test("after a change of the configuration, branches are still registered", async () => {
    await using fixture = openFixture("reporting-toy", major);
    fixture.edit("vitest.config.ts", "defineConfig({", 'defineConfig({ cacheDir: "cache",');
    const run = fixture.start(["shop"], { command: "watch" });
    await run.printed("press q to quit");
    fixture.edit("vitest.config.ts", "defineConfig({", "defineConfig({ ");
    await run.printed("press q to quit");

    fixture.edit("shop.test.ts", "pay:", "settle:");
    await run.printed("press q to quit");
    run.kill("SIGTERM");
    await run.ended;

    // Written by the reporter in the main process.
    const written = readdirSync(join(fixture.folder, "cache"), {
      recursive: true,
      encoding: "utf8",
    });
    const index = written.find((file) => file.endsWith("branches.json")) ?? "";
    expect(fixture.read(join("cache", index))).toContain("settle");
  });
});
