import { type Major, openFixture } from "../test/support/run-fixture.ts";
import type { Aim, Bench } from "./bench.ts";
import { byTurns, median, medianRatio } from "./measure.ts";

const ROUNDS = 3;
/** Slower than this beside `test.each` is not what was promised. */
const AIM = 1.1;

interface Comparison {
  readonly major: Major;
  readonly reporter: string;
  readonly eachSeconds: number;
  readonly exploredSeconds: number;
  readonly ratio: number;
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
        each.ratio.toFixed(2),
      ]),
      notes: [
        `Wall time of a whole run of Vitest, start-up included: 10,000 cases of \`test.each\` that do nothing beside 10,000 branches that do nothing.`,
        `By turns, ${ROUNDS} rounds; the medians.`,
      ],
      aims: comparisons.map(aimOf),
    };
  },
};

async function compare(major: Major, reporter: string): Promise<Comparison> {
  await using fixture = openFixture("reporting-toy", major);
  const run = (file: string) => async (): Promise<number> => {
    const args = [file, `--reporter=${reporter}`, "--outputFile.junit=junit.xml"];
    const start = performance.now();
    const { exitCode, stdout, stderr } = await fixture.run(args, { plain: true });
    if (exitCode !== 0) throw new Error(`${file} failed:\n${stdout}\n${stderr}`);
    return (performance.now() - start) / 1000;
  };
  const { each, explored } = await byTurns(
    { each: run("many-each"), explored: run("many-explored") },
    { warmUp: 0, minRounds: ROUNDS, maxRounds: ROUNDS, budgetMs: 0 },
  );
  return {
    major,
    reporter,
    eachSeconds: median(each),
    exploredSeconds: median(explored),
    ratio: medianRatio(explored, each),
  };
}

function aimOf({ major, reporter, ratio }: Comparison): Aim {
  return {
    text: `at most ${AIM} times \`test.each\` (Vitest ${major}, ${reporter})`,
    found: ratio.toFixed(2),
    met: ratio <= AIM,
  };
}
