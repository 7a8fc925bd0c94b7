import { probePostgres } from "../test/support/postgres/server.ts";
import { openFixture } from "../test/support/run-fixture.ts";
import type { Bench } from "./bench.ts";
import { formatNumber } from "./page.ts";
import { byTurns, median, medianRatio } from "./measure.ts";

/** Milliseconds that the app lets each request wait. */
const LATER_MS = 8;
const DEPTH = 12;
const ROUNDS = 3;
const AIM = 1.6;

/** What a run took, in seconds. */
interface Took {
  readonly run: number;
  /** From the first branch to the last, with the start and the end of the other workers. */
  readonly exploration: number;
}

/** What several workers make of an app that waits. */
export const bench: Bench = {
  title: "Several workers for one exploration",
  needs: probePostgres,
  run: async () => {
    let cases = 0;
    const measure = (workers: number) => async (): Promise<Took> => {
      const { took, branches } = await explore(workers);
      cases = branches;
      return took;
    };
    const { one, two, four } = await byTurns(
      { one: measure(1), two: measure(2), four: measure(4) },
      { warmUp: 0, minRounds: ROUNDS, maxRounds: ROUNDS, budgetMs: 0 },
    );
    const alone = one.map(({ exploration }) => exploration);
    const row = (workers: number, took: readonly Took[]): readonly (string | number)[] => [
      workers,
      `${median(took.map(({ exploration }) => exploration)).toFixed(1)} s`,
      `${median(took.map(({ run }) => run)).toFixed(1)} s`,
      medianRatio(
        alone,
        took.map(({ exploration }) => exploration),
      ).toFixed(2),
    ];
    const rows = [row(1, one), row(2, two), row(4, four)];
    const found = String(rows[1]?.at(-1));
    return {
      columns: ["workers", "exploration", "whole run", "times as fast"],
      rows,
      notes: [
        `The app of \`test-fixtures/order-shop\` over PostgreSQL, which answers each request after ${LATER_MS} ms: ${formatNumber(cases)} branches, breadth first, depth ${DEPTH}.`,
        "The exploration's time includes the start and the end of the workers; the whole run is that of Vitest, with the server's start.",
        `By turns, ${ROUNDS} rounds; the medians, and the median of the ratios.`,
      ],
      aims: [
        {
          text: `two workers at least ${AIM} times as fast as one, the app waiting`,
          found,
          met: Number(found) >= AIM,
        },
      ],
    };
  },
};

async function explore(
  workers: number,
): Promise<{ readonly took: Took; readonly branches: number }> {
  await using fixture = openFixture("order-shop", "5");
  fixture.edit("vitest.config.ts", "explore()", `explore({ workers: ${workers} })`);
  fixture.edit("shop.explore.test.ts", "depth: 5", `depth: ${DEPTH}`);
  const args = ["--reporter=junit", "--outputFile.junit=junit.xml"];
  const start = performance.now();
  const { exitCode, stdout, stderr } = await fixture.run(args, {
    plain: true,
    env: { LATER_MS: String(LATER_MS) },
  });
  const run = (performance.now() - start) / 1000;
  if (exitCode !== 0) throw new Error(`${workers} workers failed:\n${stdout}\n${stderr}`);
  const junit = fixture.read("junit.xml");
  const [, time] = /name="shop &gt; exploration" time="([\d.]+)"/.exec(junit) ?? [];
  const branches = [...junit.matchAll(/<testcase/g)].length - 1;
  return { took: { run, exploration: Number(time) }, branches };
}
