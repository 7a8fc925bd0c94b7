import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import {
  describeMajors,
  type Fixture,
  type FixtureRun,
  type Major,
  openFixture,
  type Tree,
} from "../support/run-fixture.ts";

const COUNT = 3;

/** Where the blob reporter of each major writes by default. */
const BLOBS = { "4": ".vitest-reports", "5": ".vitest/blob" } as const;

interface ShardOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** One for each shard. */
  readonly pools?: readonly string[];
}

async function runShards(
  fixture: Fixture,
  { args = [], env = {}, pools = [] }: ShardOptions = {},
): Promise<readonly FixtureRun[]> {
  const runs: FixtureRun[] = [];
  for (let index = 1; index <= COUNT; index += 1) {
    const pool = pools[index - 1];
    const own = [`--shard=${index}/${COUNT}`, ...(pool === undefined ? [] : [`--pool=${pool}`])];
    const reporters = ["--reporter=default", "--reporter=blob"];
    runs.push(await fixture.run([...own, ...reporters, ...args], { env }));
  }
  return runs;
}

function merge(fixture: Fixture, major: Major, args: readonly string[] = []): Promise<FixtureRun> {
  return fixture.run([`--merge-reports=${BLOBS[major]}`, "--reporter=default", ...args]);
}

/** The full names of all cases, with their status. */
function casesOf(tree: Tree, names: readonly string[] = []): readonly string[] {
  if (typeof tree === "string") return [`${names.join(" > ")}: ${tree}`];
  return Object.entries(tree).flatMap(([name, each]) => casesOf(each, [...names, name]));
}

function failed(cases: readonly string[]): readonly string[] {
  return cases.filter((each) => each.endsWith("failed"));
}

describeMajors((major) => {
  test("three shards report what one machine does, and their reports become its report", async () => {
    await using fixture = openFixture("shards", major);
    const shards = await runShards(fixture);
    const merged = await merge(fixture, major, [
      "--reporter=junit",
      "--outputFile.junit=junit.xml",
    ]);
    await using other = openFixture("shards", major);
    const one = await other.run();

    // Paths, each of which is one shard's. Of the drivers each shard has one.
    const cases = shards.map(({ tests }) => casesOf(tests).filter((each) => !isDriver(each)));
    expect(cases.flat().toSorted()).toEqual([...new Set(cases.flat())].toSorted());
    for (const part of cases) expect(part.length).toBeLessThan(casesOf(one.tests).length / 2);
    // The figures of the page of CI.
    expect(shards.flatMap((run) => linesOf(run, /^shard/))).toEqual([
      "shard 1/3: 61 states, 190 transitions, all of its part to depth 5 explored",
      "shard 2/3: 85 states, 232 transitions, all of its part to depth 5 explored",
      "shard 3/3: 69 states, 208 transitions, all of its part to depth 5 explored",
    ]);

    expect(casesOf(merged.tests)).toEqual(casesOf(one.tests));
    expect(failed(casesOf(merged.tests))).toHaveLength(8);
    expect([merged.exitCode, one.exitCode]).toEqual([1, 1]);
    expect(linesOf(merged, /states, /)).toEqual(linesOf(one, /states, /));
    expect(linesOf(merged, / holds after /)).toEqual(linesOf(one, / holds after /));
    expect(linesOf(merged, /^8 branches: /)).toEqual(linesOf(one, /^8 branches: /));

    const junit = fixture.read("junit.xml");
    expect(junit.match(/<testcase /g)).toHaveLength(casesOf(one.tests).length);
    expect(junit.match(/<failure /g)).toHaveLength(8);
  });

  test("what is no branch is told once too: by the first shard, or when all is known", async () => {
    await using fixture = openFixture("shard-corners", major);
    const one = await fixture.run();
    // In CI a snapshot that no test has asked for would fail the file.
    const shards = await runShards(fixture, {
      env: { CI: "true" },
      pools: ["threads", "vmThreads", "vmForks"],
    });
    const merged = await merge(fixture, major);

    expect(sorted(merged.tests)).toEqual(sorted(one.tests));
    expect(failed(casesOf(merged.tests))).toEqual([
      `${FILE} > divided > exploration: failed`,
      `${FILE} > too small > exploration: failed`,
      `${FILE} > fails at once > initial state: failed`,
    ]);
    expect(shards.flatMap(({ tests }) => failed(casesOf(tests)))).toEqual([
      `${FILE} > too small > exploration: failed`,
      `${FILE} > fails at once > initial state: failed`,
    ]);
    expect(shards.map(({ exitCode }) => exitCode)).toEqual([1, 0, 0]);
    expect(merged.exitCode).toBe(1);
    const cases = shards.flatMap(({ tests }) => casesOf(tests).filter((each) => !isDriver(each)));
    expect(cases.toSorted()).toEqual([...new Set(cases)].toSorted());
    const warning = /Action "never" was enabled in none of the 35 states reached/g;
    expect(merged.stderr.match(warning)).toHaveLength(1);
    expect(merged.stderr).toContain('"nine of a" held in none of the 35 states reached');
  });

  test("a shard whose report is missing leaves open what it may have met", async () => {
    await using fixture = openFixture("shard-corners", major);
    await runShards(fixture);
    fixture.remove(`${BLOBS[major]}/blob-2-3.json`);
    const merged = await merge(fixture, major);

    expect(merged.stderr).toContain("Of 3 shards there is no report of 2: not everything was");
    expect(failed(casesOf(merged.tests))).not.toContain(`${FILE} > divided > exploration: failed`);
  });

  test("shards of different revisions are found out", async () => {
    await using fixture = openFixture("shard-corners", major);
    await runShards(fixture);
    await fixture.run(["--shard=2/3", "--reporter=blob"], { env: { ODD: "1" } });
    const merged = await merge(fixture, major);

    expect(merged.stderr).toContain("ExploreError [EXPLORE_SHARDS_DIFFER]: The shards have seen");
    expect(merged.exitCode).toBe(1);
  });

  test("single branches are run by the first shard", async () => {
    await using fixture = openFixture("shard-corners", major);
    const pattern = await runShards(fixture, { args: ["-t", "divided > c → c$"] });
    const replay = await runShards(fixture, {
      args: ["-t", "divided"],
      env: { EXPLORE_REPLAY: "2/2" },
    });

    expect(pattern.map(branchesOfDivided)).toEqual([[`${FILE} > divided > c → c: passed`], [], []]);
    expect(replay.map(branchesOfDivided)).toEqual([[`${FILE} > divided > c → c: passed`], [], []]);
  });

  test("traces of shards become the trace of the whole", async () => {
    await using fixture = openFixture("shard-corners", major);
    const args = ["--config=reports.config.ts", "-t", "divided"];
    await fixture.run(args);
    const one = tracesOf(fixture);
    fixture.remove(".vitest/explore");
    await runShards(fixture, { args: ["--config=reports.config.ts"] });
    fixture.remove(".vitest/explore");
    await merge(fixture, major, ["--config=reports.config.ts"]);

    expect(tracesOf(fixture)).toEqual(one);
  });

  test("files without explorations are divided as ever", async () => {
    await using fixture = openFixture("shards", major);
    const few = await fixture.run(["first", "--shard=1/2"]);
    fixture.edit(
      "second.test.ts",
      readFileSync(join(fixture.folder, "second.test.ts"), "utf8"),
      "",
    );
    const empty = await fixture.run(["first", "second", "--shard=1/2"]);
    const other = await fixture.run(["first", "second", "--shard=2/2"]);

    expect(few.stderr).toContain("--shard <count> must be a smaller than count of test files.");
    expect([empty.stdout + empty.stderr, other.stdout + other.stderr].join()).toContain(
      "No test suite found",
    );
    expect(few.exitCode).toBe(1);
    expect(new Set([empty.exitCode, other.exitCode])).toEqual(new Set([0, 1]));
  });
});

const FILE = "corners.explore.test.ts";

/** That have run. */
function branchesOfDivided({ tests }: FixtureRun): readonly string[] {
  return casesOf(tests).filter((each) => /> divided > (?!exploration).*passed/.test(each));
}

function isDriver(each: string): boolean {
  return each.includes(" > exploration: ");
}

/** The order of a search that has met sequences of the spec before is another. */
function sorted(tree: Tree): readonly string[] {
  return casesOf(tree).toSorted();
}

function linesOf({ stdout }: FixtureRun, pattern: RegExp): readonly string[] {
  return stdout.split("\n").filter((line) => pattern.test(line));
}

/** Without times, and in the order of paths. */
function tracesOf({ folder }: Fixture): unknown {
  const traces = join(folder, ".vitest/explore");
  const files = readdirSync(traces).filter(
    (file) => file.includes("divided") && file.endsWith(".json"),
  );
  return files.map((file) => {
    const text = readFileSync(join(traces, file), "utf8");
    const trace = JSON.parse(text, (key, value: unknown) =>
      key.endsWith("Ms") ? 0 : value,
    ) as Trace;
    const branches = trace.branches.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return { file, trace: { ...trace, branches } };
  });
}
