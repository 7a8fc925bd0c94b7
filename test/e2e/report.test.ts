import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";

const PAGE = ".vitest/explore/report.html";

describeMajors((major) => {
  test("writes one page for all explorations, whatever an app answers", async () => {
    await using fixture = openFixture("reports", major);
    const { stdout } = await fixture.run();
    const traces = tracesIn(fixture);
    const page = fixture.read(PAGE);

    expect(stdout).toContain(`Report of explorations written to <folder>/${PAGE}\n`);
    expect(namesOf(traces)).toEqual([
      "cart.explore.test.ts: cart",
      "cart.explore.test.ts: small > cart",
      "quotes.explore.test.ts: quotes",
    ]);
    const [exchange] = traces[2]?.transitions[0]?.step?.exchanges ?? [];
    expect(exchange?.response?.body?.text).toBe(
      "</script><script>alert(1)</script><!--<script> ]]> \u2028 &lt;",
    );
    // The data, the library and the program.
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script/g)).toHaveLength(3);
    expect(page).toContain("Copyright (c) 2012-2014 Chris Pettitt");
    expect(page).not.toMatch(/<[^>]*(src|href)=/);
  });

  test("writes what was asked for and nothing else", async () => {
    await using fixture = openFixture("reports", major);
    await fixture.run();

    expect(filesIn(fixture)).toEqual([
      "cart.explore.test.ts-cart.<id>.md",
      "cart.explore.test.ts-small-cart.<id>.md",
      "quotes.explore.test.ts-quotes.<id>.md",
      "report.html",
    ]);
  });

  test("each project has the reports that it asks for", async () => {
    await using fixture = openFixture("reports", major);
    const { tests } = await fixture.run(["--config=projects.config.ts"]);

    expect(filesIn(fixture)).toEqual([
      "kept-cart.explore.test.ts-cart.<id>.json",
      "kept-cart.explore.test.ts-small-cart.<id>.json",
      "report.html",
    ]);
    expect(tracesIn(fixture)).toHaveLength(3);
    expect(Object.keys(tests)).toHaveLength(2);
  });

  test.for(["threads", "forks", "vmThreads", "vmForks"])("works in the pool %s", async (pool) => {
    await using fixture = openFixture("reports", major);
    await fixture.run([`--pool=${pool}`]);

    expect(tracesIn(fixture)).toHaveLength(3);
  });

  test("watch mode writes the page again, with what did not run again", async () => {
    await using fixture = openFixture("reports", major);
    const run = fixture.start([], { command: "watch" });
    await run.printed(PAGE);

    fixture.edit("cart.explore.test.ts", "clear:", "empty:");
    await run.printed(PAGE);
    expect(tracesIn(fixture).map(({ actions }) => actions)).toEqual([
      ["add", "empty"],
      ["add"],
      ["look <b>"],
    ]);

    fixture.edit("cart.explore.test.ts", 'test.explore("cart"', 'test.explore("basket"');
    await run.printed(PAGE);
    run.kill("SIGTERM");
    await run.ended;
    expect(namesOf(tracesIn(fixture))).toEqual([
      "cart.explore.test.ts: basket",
      "cart.explore.test.ts: small > basket",
      "quotes.explore.test.ts: quotes",
    ]);
  });

  test("blobs carry what the run that merges them writes", async () => {
    await using fixture = openFixture("reports", major);
    for (const shard of ["1/2", "2/2"]) {
      await fixture.run([`--shard=${shard}`, "--reporter=blob"], { plain: true });
      // Explorations are shared among the shards: each has a part of every one.
      expect(tracesIn(fixture)).toHaveLength(3);
      fixture.remove(".vitest/explore");
    }
    const { stdout } = await fixture.run(["--merge-reports"]);

    expect(stdout).toContain(`Report of explorations written to <folder>/${PAGE}\n`);
    expect(tracesIn(fixture)).toHaveLength(3);
    expect(filesIn(fixture)).toHaveLength(4);
    // No reporter of the merged run sees them.
    expect(fixture.read(".report.json")).not.toContain("fingerprint");
  });

  test("a run without explorations writes nothing", async () => {
    await using fixture = openFixture("reports", major);
    const { stdout } = await fixture.run(["-t", "no such test", "--passWithNoTests"]);

    expect(stdout).not.toContain("Report of explorations");
    expect(existsSync(join(fixture.folder, ".vitest/explore"))).toBe(false);
  });
});

/** Names of reports, without what makes them unique. */
function filesIn({ folder }: Fixture): readonly string[] {
  return readdirSync(join(folder, ".vitest/explore"))
    .map((name) => name.replace(/\.\w+\.(md|json)$/, ".<id>.$1"))
    .toSorted();
}

/** The traces in the page. */
function tracesIn({ folder }: Fixture): readonly Trace[] {
  const page = readFileSync(join(folder, PAGE), "utf8");
  const json = /<script type="application\/json" id="traces">(.*?)<\/script>/s.exec(page)?.[1];
  return JSON.parse(json ?? "") as readonly Trace[];
}

function namesOf(traces: readonly Trace[]): readonly string[] {
  return traces.map(({ exploration: { module, name } }) => `${module}: ${name}`);
}
