import { probeMysql } from "../test/support/mysql/server.ts";
import type { Bench } from "./bench.ts";
import { connectRaw, makeDatabase, startMysql } from "./mysql-database.ts";
import { ourSide, reloadSide, sideByHand, type Setup } from "./mysql-rollback-subjects.ts";
import { formatNumber } from "./page.ts";
import { rollbackTable } from "./rollback-table.ts";

/** Checkpoint and rollback of every MySQL mode beside the driver doing it by hand. */
export const bench: Bench = {
  title: "MySQL: checkpoint and rollback",
  needs: probeMysql,
  run: async () => {
    await using server = await startMysql();
    const client = await connectRaw(server.url());
    const start = (rows: number): Omit<Setup, "mode"> => ({
      server,
      rows,
      template: `rows_${rows}`,
    });
    const { roundTripMs, ...table } = await rollbackTable({
      modes: ["undo", "savepoint", "copy"],
      sizes: [1_000, 1_000_000],
      unit: "rows",
      prepare: (rows) => makeDatabase(server, `rows_${rows}`, rows),
      ours: (mode, rows) => ourSide({ ...start(rows), mode }),
      byHand: (mode, rows) => sideByHand({ ...start(rows), mode }),
      without: { name: "(`TRUNCATE` and reload)", side: (rows) => reloadSide(start(rows)) },
      roundTrip: () => client.execute("SELECT 1"),
      fast: { mode: "undo", maxMs: 5 },
    });
    await client.end();
    return {
      ...table,
      notes: [
        `On ${server.product}. A round changes 3 rows by key, checkpoints, changes 3 rows, rolls back; the checkpoint and the rollback are timed. The app has a connection of its own and commits, but for \`savepoint\`, where it shares the session.`,
        `A round trip is a prepared \`SELECT 1\` by TCP on the same server: ${formatNumber(roundTripMs)} ms. The server does not wait for its disk.`,
        "By hand, `undo`: the rows are known beforehand and put back by one prepared `REPLACE`; there is no checkpoint to make. Ours finds out which rows anybody changed, puts counters back, and looks for open transactions first.",
        "By hand, `savepoint`: `SAVEPOINT` and `ROLLBACK TO` alone. By hand, `copy`: `INSERT … SELECT` into a second table; back by `TRUNCATE` and another one.",
        "`TRUNCATE` and reload is what one does without rollback: here at its best, all rows from a table of the same server.",
      ],
      versions: { [server.product]: server.version },
    };
  },
};
