import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test('report: "html" writes one page for all explorations, and nothing beside it', async () => {
    await using fixture = openFixture("mock-shop", major);
    want(fixture, '"html"');

    const { stdout } = await fixture.run();

    expect(readdirSync(join(fixture.folder, ".vitest/explore"))).toEqual(["report.html"]);
    expect(stdout).toContain(
      "Report of explorations written to <folder>/.vitest/explore/report.html",
    );
    expect(tracesIn(fixture).map(({ exploration }) => exploration)).toEqual([
      { module: "shop.explore.test.ts", name: "shop" },
    ]);
    const page = fixture.read(".vitest/explore/report.html");
    expect(page).toContain("Copyright (c) 2012-2014 Chris Pettitt");
    expect(page).not.toMatch(/(src|href)=/);
  });
});

function want(fixture: Fixture, report: string): void {
  fixture.edit("vitest.config.ts", "explore()", `explore({ report: ${report} })`);
}

/** The traces in the page. */
function tracesIn(fixture: Fixture): readonly Trace[] {
  const page = fixture.read(".vitest/explore/report.html");
  const json = /<script type="application\/json" id="traces">(.*?)<\/script>/s.exec(page)?.[1];
  return JSON.parse(json ?? "") as readonly Trace[];
}
