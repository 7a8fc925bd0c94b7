import { join } from "node:path";
import type { Aim, Bench, Table } from "./bench.ts";
import type { Patience } from "./measure.ts";
import { formatNumber } from "./page.ts";
import { compareSides, type Comparison } from "./rollback.ts";
import { makeDatabase, temporaryFolder } from "./sqlite-database.ts";
import { ourSide, rawSide, type ModeName, type Setup } from "./sqlite-rollback-subjects.ts";

const LARGEST = 1_000_000;

const SIZES = [
  { rows: 1_000, size: "1,000 rows" },
  { rows: 100_000, size: "100,000 rows, 13 MB" },
  { rows: LARGEST, size: "1,000,000 rows, 130 MB" },
];

const MODES: readonly ModeName[] = ["undo", "savepoint", "memory", "backup", "file"];

const PATIENCE: Patience = { warmUp: 3, minRounds: 3, maxRounds: 400, budgetMs: 1500 };

const MAX_RATIO = 1.5;
const MAX_UNDO_MS = 0.3;

/** Checkpoint and rollback of every SQLite mode beside the driver doing it by hand. */
export const bench: Bench = {
  title: "SQLite: checkpoint and rollback",
  run: async () => {
    await using folder = await temporaryFolder();
    const rows: Table["rows"][number][] = [];
    const aims: Aim[] = [];
    for (const { rows: count, size } of SIZES) {
      const template = join(folder.path, `${count}.db`);
      makeDatabase(template, count);
      for (const mode of MODES) {
        const { ours, byHand, rollbackRatio, ratio, rounds } = await compare({
          mode,
          rows: count,
          template,
          directory: join(folder.path, `${mode}-${count}`),
        });
        rows.push([
          mode,
          size,
          ours.checkpointMs,
          ours.rollbackMs,
          byHand.checkpointMs,
          byHand.rollbackMs,
          rollbackRatio,
          ratio,
          rounds,
        ]);
        aims.push({
          text: `${mode}, ${size}: within ${MAX_RATIO}× of the raw driver`,
          found: `${formatNumber(ratio)}×`,
          met: ratio <= MAX_RATIO,
        });
        if (mode === "undo" && count === LARGEST) {
          aims.push({
            text: `${mode}, ${size}: a rollback within ${MAX_UNDO_MS} ms`,
            found: `${formatNumber(ours.rollbackMs)} ms`,
            met: ours.rollbackMs <= MAX_UNDO_MS,
          });
        }
      }
    }
    return {
      columns: [
        "mode",
        "database",
        "checkpoint, ms",
        "rollback, ms",
        "raw checkpoint, ms",
        "raw rollback, ms",
        "ratio, rollback alone",
        "ratio, both",
        "rounds",
      ],
      rows,
      notes: [
        "A round changes 3 rows by key, checkpoints, changes 3 rows, rolls back; the checkpoint and the rollback are timed. `memory` is `savepoint` in a `:memory:` database.",
        "Raw `undo`: the rows are known beforehand and put back by 3 `DELETE` and 3 `INSERT` in one transaction; there is no checkpoint to make. " +
          "Ours finds out which rows another connection changed, logs what it writes itself, and needs a second transaction to checkpoint.",
        "Raw `savepoint` and `memory`: `SAVEPOINT` and `ROLLBACK TO` alone. Ours also keeps what changed since the last checkpoint, by which the state is told.",
        "Raw `backup`: the driver's `backup()` out of and into the open database. Ours copies up to 128 MB in memory.",
        "Raw `file`: close, copy, copy back. Ours looks through all processes for one that has the file open, each time; what that takes does not depend on the file.",
      ],
      aims,
    };
  },
};

async function compare(setup: Setup): Promise<Comparison> {
  await using ours = await ourSide({ ...setup, directory: join(setup.directory, "ours") });
  await using raw = await rawSide({ ...setup, directory: join(setup.directory, "raw") });
  return await compareSides(ours, raw, PATIENCE);
}
