/**
 * What it costs to report branches: 10,000 branches that do nothing beside 10,000 cases of `test.each`
 * that do nothing, in one run of Vitest each, by turns. Prints seconds of wall time and their ratio.
 *
 *     node bench/reporting.ts
 */
import { openFixture, type Major } from "../test/support/run-fixture.ts";

const ROUNDS = 5;
const SUBJECTS = ["many-each", "many-explored"] as const;

for (const major of ["5", "4"] as const) {
  for (const reporter of ["junit", "default"]) await compare(major, reporter);
}

async function compare(major: Major, reporter: string): Promise<void> {
  await using fixture = openFixture("reporting-toy", major);
  const seconds: Record<(typeof SUBJECTS)[number], number[]> = {
    "many-each": [],
    "many-explored": [],
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const subject of SUBJECTS) {
      const start = performance.now();
      const args = [subject, `--reporter=${reporter}`, "--outputFile.junit=junit.xml"];
      const { exitCode, stdout, stderr } = await fixture.run(args, { plain: true });
      if (exitCode !== 0) throw new Error(`${subject} failed:\n${stdout}\n${stderr}`);
      seconds[subject].push((performance.now() - start) / 1000);
    }
  }
  const [each, explored] = SUBJECTS.map((subject) => median(seconds[subject]));
  const ratio = ((explored ?? 0) / (each ?? 1)).toFixed(2);
  console.log(
    `Vitest ${major}, ${reporter}: test.each ${each?.toFixed(2)} s, ` +
      `branches ${explored?.toFixed(2)} s, ratio ${ratio}`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
