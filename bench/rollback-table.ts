import type { Aim, Table } from "./bench.ts";
import { byTurns, median, timed, type Patience } from "./measure.ts";
import { formatNumber } from "./page.ts";
import { compareSides, medianCost, type Side } from "./rollback.ts";

/** The modes of a backend with a server, measured beside the same done by hand. */
export interface Backend<Mode extends string> {
  readonly modes: readonly Mode[];
  /** Numbers of rows or keys. */
  readonly sizes: readonly number[];
  readonly unit: "rows" | "keys";
  /** Called once for each size, before its sides. */
  readonly prepare?: (size: number) => Promise<void>;
  readonly ours: (mode: Mode, size: number) => Promise<Side>;
  readonly byHand: (mode: Mode, size: number) => Promise<Side>;
  /** What one does who has no rollback. */
  readonly without?: { readonly name: string; readonly side: (size: number) => Promise<Side> };
  /** Asks the server the least there is to ask, on the kind of connection that the sides have. */
  readonly roundTrip?: () => Promise<unknown>;
  /** The mode whose cost follows the change, and what its rollback may take at the largest size. */
  readonly fast: { readonly mode: Mode; readonly maxMs: number };
}

/** What {@link rollbackTable} measured. */
export type RollbackTable = Pick<Table, "columns" | "rows" | "aims"> & {
  readonly roundTripMs: number;
};

const PATIENCE: Patience = { warmUp: 20, minRounds: 100, maxRounds: 400, budgetMs: 1500 };

/** For what copies everything. */
const SHORT: Patience = { warmUp: 1, minRounds: 3, maxRounds: 40, budgetMs: 1500 };

/** For what takes seconds to do so. */
const ONCE: Patience = { warmUp: 0, minRounds: 1, maxRounds: 1, budgetMs: 0 };

/** Sides whose first round takes longer than this copy everything. */
const LONG_MS = 50;
const VERY_LONG_MS = 5_000;

const MAX_RATIO = 1.5;

/** Measures every mode at every size. */
export async function rollbackTable<Mode extends string>(
  backend: Backend<Mode>,
): Promise<RollbackTable> {
  const roundTripMs = await measureRoundTrip(backend.roundTrip);
  const rows: Table["rows"][number][] = [];
  const aims: Aim[] = [];
  for (const size of backend.sizes) {
    await backend.prepare?.(size);
    for (const mode of backend.modes) {
      // One mode that this server does not have must not cost what the others show.
      const measured = await measureMode(backend, { mode, size, roundTripMs }).catch(
        (error: unknown) => notMeasured(`${mode} (not measured: ${String(error)})`, size, backend),
      );
      rows.push(measured.row);
      aims.push(...measured.aims);
    }
    const { without } = backend;
    if (without === undefined) continue;
    await using side = await without.side(size);
    const { only } = await byTurns({ only: side.sample }, patienceFor(await timed(side.sample)));
    const { rollbackMs } = medianCost(only);
    const trips = rollbackMs / roundTripMs;
    const name = [without.name, tellSize(size, backend.unit)];
    rows.push([...name, NaN, NaN, NaN, rollbackMs, NaN, NaN, trips, only.length]);
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
    aims,
    roundTripMs,
  };
}

/** What a round takes, without what only the first one does. */
export async function roundOf({ sample }: Side): Promise<number> {
  const firstMs = await timed(sample);
  return firstMs > VERY_LONG_MS ? firstMs : timed(sample);
}

/** @param roundMs - What a round takes. */
export function patienceFor(roundMs: number): Patience {
  if (roundMs > VERY_LONG_MS) return ONCE;
  return roundMs > LONG_MS ? SHORT : PATIENCE;
}

interface Measured {
  readonly row: Table["rows"][number];
  readonly aims: readonly Aim[];
}

function notMeasured(
  mode: string,
  size: number,
  { unit }: Pick<Backend<string>, "unit">,
): Measured {
  return { row: [mode, tellSize(size, unit), NaN, NaN, NaN, NaN, NaN, NaN, NaN, 0], aims: [] };
}

async function measureMode<Mode extends string>(
  { unit, fast, sizes, ...backend }: Backend<Mode>,
  { mode, size, roundTripMs }: { mode: Mode; size: number; roundTripMs: number },
): Promise<Measured> {
  await using ourOwn = await backend.ours(mode, size);
  await using handMade = await backend.byHand(mode, size);
  const roundMs = (await roundOf(ourOwn)) + (await roundOf(handMade));
  const compared = await compareSides(ourOwn, handMade, patienceFor(roundMs));
  const { ours, byHand, rollbackRatio, ratio, rounds } = compared;
  const sizeText = tellSize(size, unit);
  const within = {
    text: `${mode}, ${sizeText}: within ${MAX_RATIO}× of the raw driver`,
    found: `${formatNumber(ratio)}×`,
    met: ratio <= MAX_RATIO,
  };
  const inTime = {
    text: `${mode}, ${sizeText}: a rollback within ${fast.maxMs} ms`,
    found: `${formatNumber(ours.rollbackMs)} ms`,
    met: ours.rollbackMs <= fast.maxMs,
  };
  return {
    row: [
      mode,
      sizeText,
      ours.checkpointMs,
      ours.rollbackMs,
      byHand.checkpointMs,
      byHand.rollbackMs,
      rollbackRatio,
      ratio,
      ours.rollbackMs / roundTripMs,
      rounds,
    ],
    aims: mode === fast.mode && size === Math.max(...sizes) ? [within, inTime] : [within],
  };
}

async function measureRoundTrip(ask: Backend<string>["roundTrip"]): Promise<number> {
  if (ask === undefined) return NaN;
  const { asked } = await byTurns({ asked: () => timed(ask) }, PATIENCE);
  return median(asked);
}

function tellSize(size: number, unit: string): string {
  return `${formatNumber(size)} ${unit}`;
}
