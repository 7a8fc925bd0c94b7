import { ExploreError } from "../../errors.ts";
import { transactionOpen } from "./busy.ts";
import { isBusy } from "./driver.ts";
import type { LiveDatabase } from "./epoch.ts";
import { beginEpoch, endEpoch } from "./epoch.ts";
import type { Epoch, Node } from "./history.ts";
import { addNode, prune } from "./history.ts";
import { restoreImage } from "./image.ts";
import { createStanding } from "./standing.ts";

/** A checkpoint and the epoch it belongs to. */
export interface UndoPoint {
  readonly epoch: Epoch;
  readonly node: Node;
}

/** The checkpoints of a database that everybody may write to. */
export interface UndoHistory {
  /** The epoch of the current state, as of the last checkpoint or rollback. */
  readonly epoch: () => Epoch;
  readonly save: () => Promise<UndoPoint>;
  readonly restore: (to: UndoPoint) => Promise<void>;
  readonly release: (point: UndoPoint) => Promise<void>;
  /** Whether the log holds everything written since the point; asked inside a transaction. */
  readonly isLogged: (since: UndoPoint) => boolean;
}

/**
 * Starts a history at the current state.
 *
 * @param logged - Whether rows shall be logged where the schema allows it; else every checkpoint
 * is an image.
 */
export async function undoHistory(live: LiveDatabase, logged: boolean): Promise<UndoHistory> {
  const { system, control, exclusively } = live;
  const place = logged ? "file" : undefined;
  let nextEpoch = 0;
  let nextNode = 0;
  const begin = (): Promise<Epoch> =>
    beginEpoch(live, { id: nextEpoch++, nodeId: nextNode++, place });
  const first = await exclusively("prepare", begin);
  // Nobody was given the first base as a checkpoint.
  first.base.released = true;
  const standing = createStanding(live, first);

  async function enter(next: Epoch): Promise<void> {
    const left = standing.enter(next);
    if (left !== next && prune(left.base, left.log)) await endEpoch(control, left);
  }

  return {
    epoch: standing.epoch,
    save: async () => {
      const made = await exclusively("checkpoint", async () => {
        const { log, counters } = standing.epoch();
        const { position } = standing.nearest();
        if (log === undefined || position === undefined || !standing.isLogged()) return begin();
        const id = nextNode++;
        const tables = log.keep(position, id);
        return { id, tables, position: log.position(), counters: counters.read() };
      });
      if ("base" in made) {
        await enter(made);
        return { epoch: made, node: made.base };
      }
      const node = addNode(standing.nearest(), made);
      standing.add(node);
      return { epoch: standing.epoch(), node };
    },
    restore: async ({ epoch, node }) => {
      const arrive = await exclusively("roll back", () =>
        epoch === standing.epoch() && standing.isLogged() ? standing.travel(node) : undefined,
      );
      if (arrive !== undefined) return arrive();
      if (epoch.image === undefined) throw schemaChanged(system);
      epoch.schemaVersion = await restoreByImage(live, epoch.image);
      await enter(epoch);
      if (epoch.log === undefined) return undefined;
      return (await exclusively("roll back", () => standing.travel(node)))();
    },
    release: async ({ epoch, node }) => {
      node.released = true;
      const isEmpty = prune(node, epoch.log);
      standing.tidy();
      if (isEmpty && epoch !== standing.epoch()) await endEpoch(control, epoch);
    },
    isLogged: ({ epoch, node }) =>
      epoch === standing.epoch() && node.position !== undefined && standing.isLogged(),
  };
}

/** @returns The live database's new `PRAGMA schema_version`. */
async function restoreByImage(
  { system, file, open, control, quiescenceMs }: LiveDatabase,
  image: { readonly file: string },
): Promise<number> {
  const version = (): number => control.pragma("main.schema_version", { simple: true }) as number;
  const locked = (cause?: unknown): ExploreError =>
    transactionOpen({ system, file, quiescenceMs, verb: "roll back", cause });
  const before = version();
  try {
    await restoreImage(open, image, { live: file, waitMs: quiescenceMs });
  } catch (cause) {
    throw isBusy(cause) ? locked(cause) : cause;
  }
  // Restoring always raises it; the driver does not tell every refusal.
  if (version() === before) throw locked();
  return version();
}

function schemaChanged(system: string): ExploreError {
  return new ExploreError(
    "EXPLORE_SCHEMA_CHANGED",
    `${system}: cannot roll back, since an action changed the schema and the database is too large to keep a copy of it.\n` +
      'Leave out the action, or set `isolation: "backup"`, which copies the database at every checkpoint.',
    { details: { system } },
  );
}
