import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { byTurns, median } from "./measure.ts";
import { formatNumber } from "./page.ts";
import type { Cost } from "./rollback.ts";
import { makeDatabase, temporaryFolder } from "./sqlite-database.ts";
import { ourSide, type ModeName } from "./sqlite-rollback-subjects.ts";

const MODES: readonly ModeName[] = ["undo", "savepoint", "memory"];
const ROWS = 1_000;
const ROUNDS = 1_000;
const PART = 100;
const MAX_GROWTH = 1.5;

/** Whether a rollback costs the same after a thousand others. */
export const bench: Bench = {
  title: "SQLite: rollback in a long run",
  run: async () => {
    await using folder = await temporaryFolder();
    const template = join(folder.path, "template.db");
    makeDatabase(template, ROWS);
    const found = [];
    for (const mode of MODES) {
      await using side = await ourSide({
        mode,
        rows: ROWS,
        template,
        directory: join(folder.path, mode),
      });
      const { ours } = await byTurns(
        { ours: side.sample },
        { warmUp: 50, minRounds: ROUNDS, maxRounds: ROUNDS, budgetMs: 0 },
      );
      const [first, last] = [ours.slice(0, PART), ours.slice(-PART)].map(rollbacksMs);
      found.push({ mode, first: first ?? NaN, last: last ?? NaN });
    }
    return {
      columns: ["mode", `rounds 1 to ${PART}, ms`, `the last ${PART} of ${ROUNDS}, ms`, "growth"],
      rows: found.map(({ mode, first, last }) => [mode, first, last, last / first]),
      notes: [
        `A round is that of the next table on ${formatNumber(ROWS)} rows; its rollback to the checkpoint and on to the first one is timed.`,
        "An exploration rolls back to the same few checkpoints again and again, so this must not grow.",
      ],
      aims: found.map(({ mode, first, last }) => ({
        text: `${mode}: the last within ${MAX_GROWTH}× of the first`,
        found: `${formatNumber(last / first)}×`,
        met: last / first <= MAX_GROWTH,
      })),
    };
  },
};

function rollbacksMs(costs: readonly Cost[]): number {
  return median(costs.map(({ rollbackMs, toFirstMs }) => rollbackMs + toFirstMs));
}
