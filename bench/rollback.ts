import type { Adapter, Checkpoint } from "../src/adapters/adapter.ts";
import { byTurns, median, medianRatio, timed, type Patience, type Sample } from "./measure.ts";

/** What one round took. */
export interface Cost {
  readonly checkpointMs: number;
  /** Back to that checkpoint. */
  readonly rollbackMs: number;
  /** From there back to the first checkpoint; 0 where it is not measured. */
  readonly toFirstMs: number;
}

/** One side of a comparison. A round changes rows, checkpoints, changes rows and rolls back. */
export interface Side extends AsyncDisposable {
  readonly sample: Sample<Cost>;
}

/** Rows or keys that a step of the app changes. */
export const CHANGED = 3;

/** Numbers from 1, all over the range, others each round, the same for both sides. */
export function idsOf(round: number, range: number): readonly number[] {
  return Array.from(
    { length: CHANGED },
    (_, index) => ((round * 7919 + index * 104_729) % range) + 1,
  );
}

/** What {@link adapterSide} needs. */
export interface Driven {
  /** Open. */
  readonly adapter: Adapter;
  /** What the app does between two checkpoints. */
  readonly change: (round: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Our adapter, as the explorer drives it. */
export async function adapterSide({ adapter, change, close }: Driven): Promise<Side> {
  const root = await adapter.checkpoint();
  let round = 0;
  return {
    sample: async () => {
      await change((round += 1));
      let checkpoint: Checkpoint | undefined;
      const checkpointMs = await timed(async () => (checkpoint = await adapter.checkpoint()));
      await change((round += 1));
      const rollbackMs = await timed(() => adapter.rollback(checkpoint ?? root));
      const toFirstMs = await timed(() => adapter.rollback(root));
      // A stack has discarded it already.
      if (checkpoint !== undefined && adapter.capabilities.history === "tree") {
        await adapter.release(checkpoint);
      }
      return { checkpointMs, rollbackMs, toFirstMs };
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Ours and the same by hand, measured by turns. */
export interface Comparison {
  readonly ours: Cost;
  readonly byHand: Cost;
  readonly rollbackRatio: number;
  /** Of checkpoint and rollback together. */
  readonly ratio: number;
  readonly rounds: number;
}

export async function compareSides(
  ours: Side,
  byHand: Side,
  patience: Patience,
): Promise<Comparison> {
  const samples = await byTurns({ ours: ours.sample, byHand: byHand.sample }, patience);
  return {
    ours: medianCost(samples.ours),
    byHand: medianCost(samples.byHand),
    rollbackRatio: medianRatio(samples.ours.map(rollbackOf), samples.byHand.map(rollbackOf)),
    ratio: medianRatio(samples.ours.map(sumMs), samples.byHand.map(sumMs)),
    rounds: samples.ours.length,
  };
}

export function medianCost(costs: readonly Cost[]): Cost {
  return {
    checkpointMs: median(costs.map(({ checkpointMs }) => checkpointMs)),
    rollbackMs: median(costs.map(rollbackOf)),
    toFirstMs: median(costs.map(({ toFirstMs }) => toFirstMs)),
  };
}

function rollbackOf({ rollbackMs }: Cost): number {
  return rollbackMs;
}

function sumMs({ checkpointMs, rollbackMs }: Cost): number {
  return checkpointMs + rollbackMs;
}
