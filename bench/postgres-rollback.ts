import { probePostgres } from "../test/support/postgres/server.ts";
import type { Aim, Bench, Table } from "./bench.ts";
import { byTurns, median, timed, type Patience } from "./measure.ts";
import { formatNumber } from "./page.ts";
import { connectRaw, makeDatabase, startPostgres, type BenchServer } from "./postgres-database.ts";
import { ourSide, reloadSide, sideByHand, type ModeName } from "./postgres-rollback-subjects.ts";
import { compareSides, medianCost } from "./rollback.ts";

const LARGEST = 1_000_000;

const SIZES = [1_000, LARGEST];

const MODES: readonly ModeName[] = ["undo", "savepoint", "template"];

const PATIENCE: Patience = { warmUp: 20, minRounds: 100, maxRounds: 400, budgetMs: 1500 };

/** For what copies everything. */
const SHORT: Patience = { warmUp: 1, minRounds: 3, maxRounds: 40, budgetMs: 1500 };

const MAX_RATIO = 1.5;
const MAX_UNDO_MS = 1;

/** Checkpoint and rollback of every PostgreSQL mode beside the driver doing it by hand. */
export const bench: Bench = {
  title: "PostgreSQL: checkpoint and rollback",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    const roundTripMs = await measureRoundTrip(server);
    const rows: Table["rows"][number][] = [];
    const aims: Aim[] = [];
    for (const count of SIZES) {
      const template = `rows_${count}`;
      await makeDatabase(server, template, count);
      for (const mode of MODES) {
        const measured = await measureMode({ server, mode, rows: count, template }, roundTripMs);
        rows.push(measured.row);
        aims.push(...measured.aims);
      }
      rows.push(await measureReload({ server, rows: count, template }, roundTripMs));
    }
    return {
      columns: [
        "mode",
        "database",
        "checkpoint, ms",
        "rollback, ms",
        "checkpoint by hand, ms",
        "rollback by hand, ms",
        "ratio, rollback alone",
        "ratio, both",
        "rollback in round trips",
        "rounds",
      ],
      rows,
      notes: [
        "A round changes 3 rows by key, checkpoints, changes 3 rows, rolls back; the checkpoint and the rollback are timed. The app has a connection of its own and commits, but for `savepoint`, where it shares the session.",
        `A round trip is a prepared \`SELECT 1\` by TCP on the same server: ${formatNumber(roundTripMs)} ms. The server runs without fsync.`,
        "By hand, `undo`: the rows are known beforehand and put back by one prepared statement; there is no checkpoint to make. Ours finds out which rows anybody changed, puts sequences back, and looks for open transactions first.",
        "By hand, `savepoint`: `SAVEPOINT` and `ROLLBACK TO` alone. Ours also keeps what changed since, by which the state is told.",
        "By hand, `template`: `CREATE DATABASE … TEMPLATE`; back by `DROP DATABASE` and another copy. Ours also waits for open transactions and ends connections.",
        "`TRUNCATE` and reload is what one does without rollback: here at its best, all rows from a second table of the same database.",
      ],
      aims,
      versions: { PostgreSQL: server.version },
    };
  },
};

interface Setup {
  readonly server: BenchServer;
  readonly mode: ModeName;
  readonly rows: number;
  readonly template: string;
}

interface Measured {
  readonly row: Table["rows"][number];
  readonly aims: readonly Aim[];
}

async function measureMode(setup: Setup, roundTripMs: number): Promise<Measured> {
  const { mode, rows } = setup;
  await using ourOwn = await ourSide(setup);
  await using handMade = await sideByHand(setup);
  const patience = mode === "template" ? SHORT : PATIENCE;
  const compared = await compareSides(ourOwn, handMade, patience);
  const { ours, byHand, rollbackRatio, ratio, rounds } = compared;
  const size = `${formatNumber(rows)} rows`;
  const within = {
    text: `${mode}, ${size}: within ${MAX_RATIO}× of the raw driver`,
    found: `${formatNumber(ratio)}×`,
    met: ratio <= MAX_RATIO,
  };
  const fast = {
    text: `${mode}, ${size}: a rollback within ${MAX_UNDO_MS} ms`,
    found: `${formatNumber(ours.rollbackMs)} ms`,
    met: ours.rollbackMs <= MAX_UNDO_MS,
  };
  return {
    row: [
      mode,
      size,
      ours.checkpointMs,
      ours.rollbackMs,
      byHand.checkpointMs,
      byHand.rollbackMs,
      rollbackRatio,
      ratio,
      ours.rollbackMs / roundTripMs,
      rounds,
    ],
    aims: mode === "undo" && rows === LARGEST ? [within, fast] : [within],
  };
}

async function measureReload(
  setup: Omit<Setup, "mode">,
  roundTripMs: number,
): Promise<Table["rows"][number]> {
  await using side = await reloadSide(setup);
  const { reload } = await byTurns({ reload: side.sample }, { ...SHORT, minRounds: 2 });
  const { rollbackMs } = medianCost(reload);
  const nothing = Number.NaN;
  return [
    "(`TRUNCATE` and reload)",
    `${formatNumber(setup.rows)} rows`,
    nothing,
    nothing,
    nothing,
    rollbackMs,
    nothing,
    nothing,
    rollbackMs / roundTripMs,
    reload.length,
  ];
}

async function measureRoundTrip(server: BenchServer): Promise<number> {
  const client = await connectRaw(server.url("postgres"));
  const ask = { name: "one", text: "SELECT 1" };
  const { trips } = await byTurns({ trips: () => timed(() => client.query(ask)) }, PATIENCE);
  await client.end();
  return median(trips);
}
