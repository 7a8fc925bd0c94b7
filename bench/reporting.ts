import { type Major, openFixture } from "../test/support/run-fixture.ts";
import type { Aim, Bench } from "./bench.ts";

const BRANCHES = 10_000;
const ROUNDS = 5;
/** Slower than this beside `test.each` is not what was promised. */
const AIM = 1.1;

const SUBJECTS = { each: "many-each", explored: "many-explored" } as const;

interface Comparison {
  readonly major: Major;
  readonly reporter: string;
  readonly eachSeconds: number;
  readonly exploredSeconds: number;
}

/** What it costs to report branches. */
export const bench: Bench = {
  title: "One case per branch",
  run: async () => {
    const comparisons: Comparison[] = [];
    for (const major of ["5", "4"] as const) {
      for (const reporter of ["default", "junit"]) {
        comparisons.push(await compare(major, reporter));
      }
    }
    return {
      columns: ["Vitest", "reporter", "test.each", "branches", "ratio"],
      rows: comparisons.map((each) => [
        each.major,
        each.reporter,
        `${each.eachSeconds.toFixed(2)} s`,
        `${each.exploredSeconds.toFixed(2)} s`,
        ratioOf(each).toFixed(2),
      ]),
      notes: [
        `Wall time of a whole run of Vitest, start-up included: ${BRANCHES} cases of \`test.each\` that do nothing beside ${BRANCHES} branches that do nothing.`,
        `By turns, ${ROUNDS} rounds; the median.`,
      ],
      aims: comparisons.map(aimOf),
    };
  },
};

async function compare(major: Major, reporter: string): Promise<Comparison> {
  await using fixture = openFixture("reporting-toy", major);
  const seconds: Record<keyof typeof SUBJECTS, number[]> = { each: [], explored: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const subject of ["each", "explored"] as const) {
      const start = performance.now();
      const args = [SUBJECTS[subject], `--reporter=${reporter}`, "--outputFile.junit=junit.xml"];
      const { exitCode, stdout, stderr } = await fixture.run(args, { plain: true });
      if (exitCode !== 0) throw new Error(`${subject} failed:\n${stdout}\n${stderr}`);
      seconds[subject].push((performance.now() - start) / 1000);
    }
  }
  const { each, explored } = seconds;
  return { major, reporter, eachSeconds: median(each), exploredSeconds: median(explored) };
}

function aimOf(comparison: Comparison): Aim {
  const { major, reporter } = comparison;
  const ratio = ratioOf(comparison);
  return {
    text: `at most ${AIM} times \`test.each\` (Vitest ${major}, ${reporter})`,
    found: ratio.toFixed(2),
    met: ratio <= AIM,
  };
}

function ratioOf({ eachSeconds, exploredSeconds }: Comparison): number {
  return exploredSeconds / eachSeconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
