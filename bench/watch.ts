import { type Major, openFixture } from "../test/support/run-fixture.ts";
import type { Bench } from "./bench.ts";
import { median } from "./measure.ts";

const ROUNDS = 5;
const READY = "press q to quit";
/** The one branch that fails, as the verbose reporter prints it the moment it has run. */
const FAILING = "words > c → a → b → c → a";
const RIGHT = '"cabca!"';
const WRONG = '"cabca"';

interface Answer {
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** How soon after a save one knows what became of the branch that failed. */
export const bench: Bench = {
  title: "Watch mode: from a save to the first answer",
  run: async () => {
    const rows: (readonly string[])[] = [];
    for (const major of ["5", "4"] as const) {
      const { repaired, broken } = await measure(major);
      rows.push(rowOf(major, "repaired: green", repaired), rowOf(major, "broken: red", broken));
    }
    return {
      columns: ["Vitest", "what was saved", "until the failing branch is told", "the whole run"],
      rows,
      notes: [
        "`test-fixtures/watch-many`: 363 branches, of which one of the last fails; an app in a process of its own over SQLite. A file of the app is saved, which no test imports.",
        "Repaired: the branch failed in the run before, so it is run first. Broken: it had failed while the files were watched, so it is run first too.",
        `From the write to the line of the verbose reporter: Vitest's 100 ms of waiting for more changes, a new worker and a new app included. Medians of ${ROUNDS} rounds, repaired and broken by turns.`,
      ],
      aims: [],
    };
  },
};

function rowOf(major: Major, what: string, answers: readonly Answer[]): readonly string[] {
  return [
    major,
    what,
    seconds(answers.map(({ firstMs }) => firstMs)),
    seconds(answers.map(({ wholeMs }) => wholeMs)),
  ];
}

function seconds(ms: readonly number[]): string {
  return `${(median(ms) / 1000).toFixed(2)} s`;
}

async function measure(
  major: Major,
): Promise<{ readonly repaired: readonly Answer[]; readonly broken: readonly Answer[] }> {
  await using fixture = openFixture("watch-many", major);
  fixture.edit("rules.js", RIGHT, WRONG);
  const run = fixture.start(["--reporter=verbose"], { command: "watch", plain: true });
  await run.printed(READY);
  const save = async (from: string, to: string): Promise<Answer> => {
    const start = performance.now();
    fixture.edit("rules.js", from, to);
    await run.printed(FAILING);
    const firstMs = performance.now() - start;
    await run.printed(READY);
    return { firstMs, wholeMs: performance.now() - start };
  };
  const repaired: Answer[] = [];
  const broken: Answer[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    repaired.push(await save(WRONG, RIGHT));
    broken.push(await save(RIGHT, WRONG));
  }
  return { repaired, broken };
}
