import type { Bench } from "./bench.ts";
import { ourSide, sideByHand } from "./mock-rollback-subjects.ts";
import { rollbackTable } from "./rollback-table.ts";

/** Checkpoint and rollback of the mock beside a deep copy. */
export const bench: Bench = {
  title: "Mock: checkpoint and rollback",
  run: async () => ({
    ...(await rollbackTable({
      modes: ["copy"],
      sizes: [1_000, 100_000],
      unit: "rows",
      ours: (_mode, rows) => ourSide(rows),
      byHand: (_mode, rows) => sideByHand(rows),
      fast: { mode: "copy", maxMs: 0.1 },
    })),
    notes: [
      "A round changes 3 rows, checkpoints, changes 3 rows, rolls back; the checkpoint and the rollback are timed.",
      "By hand: `structuredClone` of all rows at the checkpoint, and of the copy at the rollback. Ours never changes a table in place, so both are a reference; what it costs is that an `UPDATE` makes a new table.",
    ],
  }),
};
