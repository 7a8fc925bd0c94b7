import { probePostgres } from "../test/support/postgres/server.ts";
import type { Bench } from "./bench.ts";
import { formatNumber } from "./page.ts";
import { connectRaw, makeDatabase, startPostgres } from "./postgres-database.ts";
import { ourSide, reloadSide, sideByHand, type Setup } from "./postgres-rollback-subjects.ts";
import { rollbackTable } from "./rollback-table.ts";

/** Checkpoint and rollback of every PostgreSQL mode beside the driver doing it by hand. */
export const bench: Bench = {
  title: "PostgreSQL: checkpoint and rollback",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    const client = await connectRaw(server.url("postgres"));
    const start = (rows: number): Omit<Setup, "mode"> => ({
      server,
      rows,
      template: `rows_${rows}`,
    });
    const { roundTripMs, ...table } = await rollbackTable({
      modes: ["undo", "savepoint", "template"],
      sizes: [1_000, 1_000_000],
      unit: "rows",
      prepare: (rows) => makeDatabase(server, `rows_${rows}`, rows),
      ours: (mode, rows) => ourSide({ ...start(rows), mode }),
      byHand: (mode, rows) => sideByHand({ ...start(rows), mode }),
      without: { name: "(`TRUNCATE` and reload)", side: (rows) => reloadSide(start(rows)) },
      roundTrip: () => client.query({ name: "one", text: "SELECT 1" }),
      fast: { mode: "undo", maxMs: 1 },
    });
    await client.end();
    return {
      ...table,
      notes: [
        "A round changes 3 rows by key, checkpoints, changes 3 rows, rolls back; the checkpoint and the rollback are timed. The app has a connection of its own and commits, but for `savepoint`, where it shares the session.",
        `A round trip is a prepared \`SELECT 1\` by TCP on the same server: ${formatNumber(roundTripMs)} ms. The server runs without fsync.`,
        "By hand, `undo`: the rows are known beforehand and put back by one prepared statement; there is no checkpoint to make. Ours finds out which rows anybody changed, puts sequences back, and looks for open transactions first.",
        "By hand, `savepoint`: `SAVEPOINT` and `ROLLBACK TO` alone. Ours also keeps what changed since, by which the state is told.",
        "By hand, `template`: `CREATE DATABASE … TEMPLATE`; back by `DROP DATABASE` and another copy. Ours also waits for open transactions and ends connections.",
        "`TRUNCATE` and reload is what one does without rollback: here at its best, all rows from a second table of the same database.",
      ],
      versions: { PostgreSQL: server.version },
    };
  },
};
