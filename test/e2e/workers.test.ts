import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { processesIn } from "../support/process-table.ts";
import {
  describeMajors,
  type Fixture,
  type Major,
  openFixture,
  runFixture,
  type Tree,
} from "../support/run-fixture.ts";

/** What is reported of a run, but for times. */
interface Reported {
  readonly junit: string;
  readonly traces: readonly unknown[];
  /** How many apps were asked to do something. */
  readonly apps: number;
  readonly stderr: string;
}

async function report(major: Major, workers: number, args: readonly string[]): Promise<Reported> {
  await using fixture = openFixture("workers", major);
  mkdirSync(join(fixture.folder, "notes"));
  const env = { WORKERS: String(workers), MEET: "1", NOTES: join(fixture.folder, "notes") };
  const { stderr } = await fixture.run(
    ["--reporter=junit", "--outputFile.junit=junit.xml", ...args],
    { env },
  );
  return {
    junit: withoutTimes(fixture.read("junit.xml")),
    traces: readdirSync(join(fixture.folder, ".vitest/explore")).map((file) =>
      JSON.parse(fixture.read(`.vitest/explore/${file}`), withoutTimesAndOutput),
    ),
    apps: busyApps(fixture),
    stderr,
  };
}

/**
 * Times, and what depends on them: the order of actions by their speed, the progress so far. And the
 * library's own lines of stacks, of which a thread keeps more than a process.
 */
function withoutTimes(junit: string): string {
  return junit
    .replaceAll(/^ ❯ .*\/src\/.*\n/gm, "")
    .replaceAll(/(time|timestamp|hostname)="[^"]*"/g, '$1=""')
    .replaceAll(/^Slowest actions.*\n/gm, "")
    .replaceAll(/^.*% of the budget\n+/gm, "");
}

function withoutTimesAndOutput(key: string, value: unknown): unknown {
  return key.endsWith("Ms") || key === "output" ? undefined : value;
}

function busyApps({ folder }: Fixture): number {
  const notes = readdirSync(join(folder, "notes"));
  return notes.filter((port) => readFileSync(join(folder, "notes", port), "utf8").includes("/pay"))
    .length;
}

describeMajors((major) => {
  let alone: Reported;

  test("one worker alone", async () => {
    alone = await report(major, 1, []);

    expect(alone.junit).toContain("an order is refunded once");
    expect(alone.apps).toBe(1);
  });

  test.for([2, 4])("%i workers report the same", async (workers) => {
    const several = await report(major, workers, []);

    expect(several.junit).toBe(alone.junit);
    expect(several.traces).toEqual(alone.traces);
    expect(several.apps).toBeGreaterThan(1);
    expect(several.stderr).toBe(alone.stderr);
  });

  test.for(["threads", "vmThreads", "vmForks"])("in the pool %s, too", async (pool) => {
    const several = await report(major, 2, ["--pool", pool]);

    expect(several.junit).toBe(alone.junit);
    expect(several.apps).toBeGreaterThan(1);
  });
});

describe("a worker that is killed", () => {
  test("is missed, and its part is explored by the others", async () => {
    await using alone = openFixture("workers", "5");
    const expected = await alone.run([], { env: { WORKERS: "1" } });
    await using fixture = openFixture("workers", "5");
    const run = fixture.start([], { env: { WORKERS: "2", MEET: "1", LATER_MS: "40" } });
    await expect.poll(() => assistantsOf(fixture).length, { timeout: 60_000 }).toBe(2);
    const [victim] = assistantsOf(fixture);
    process.kill(Number(victim), "SIGKILL");
    const { tests, stderr } = await run.ended;

    expect(tests).toEqual(expected.tests);
    expect(stderr).toMatch(
      /1 worker of 2 did not explore to the end: Worker exited unexpectedly\./,
    );
    expect(processesIn(fixture.folder)).toEqual([]);
  });
});

/** The process ids of the workers that assist. */
function assistantsOf({ folder }: Fixture): readonly string[] {
  try {
    const here = join(folder, "here");
    return readdirSync(here).filter((pid) =>
      readFileSync(join(here, pid), "utf8").includes("tinypool"),
    );
  } catch {
    return [];
  }
}

/** The tree of a fixture's tests, with the plugin's option or without it. */
async function treeOf(name: string, workers: number): Promise<Tree> {
  await using fixture = openFixture(name, "5");
  fixture.edit("vitest.config.ts", "explore()", `explore({ workers: ${workers} })`);
  return (await fixture.run()).tests;
}

test.for(["in-process", "mock-shop"])("an app in the test's own process: %s", async (name) => {
  expect(await treeOf(name, 2)).toEqual(await treeOf(name, 1));
});

test("a system that was given has one worker, and a spec that wants two is refused", async () => {
  const { tests, stderr } = await runFixture("workers-given", { vitest: "5" });

  expect(tests).toEqual({
    "counter.explore.test.ts": {
      "as the plugin says": { count: "passed", "count → count": "passed", exploration: "passed" },
      "as the spec says": { exploration: "failed" },
    },
  });
  expect(stderr).toContain('Explored with one worker: there is only one "db", which was given.');
  expect(stderr).toContain(
    'test.explore("as the spec says"): workers is 2, but there is only one "db", which was given.\n' +
      "Leave it out, or let each worker have its own.",
  );
});

lane("on PostgreSQL", probePostgres, () => {
  test("several workers report the same", async () => {
    expect(await treeOf("order-shop", 3)).toEqual(await treeOf("order-shop", 1));
  });
});
