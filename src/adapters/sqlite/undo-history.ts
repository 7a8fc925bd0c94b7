import { ExploreError } from "../../errors.ts";
import { transactionOpen } from "./busy.ts";
import { isBusy } from "./driver.ts";
import type { LiveDatabase } from "./epoch.ts";
import { beginEpoch, endEpoch } from "./epoch.ts";
import type { Epoch, Node } from "./history.ts";
import { addNode, prune, wayTo } from "./history.ts";
import { restoreImage } from "./image.ts";

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

/** Makes known, after the commit, where a journey has led. */
type Arrive = () => void;

/**
 * Starts a history at the current state.
 *
 * @param logged - Whether rows shall be logged where the schema allows it; else every checkpoint
 * is an image.
 */
export async function undoHistory(live: LiveDatabase, logged: boolean): Promise<UndoHistory> {
  const { control, exclusively } = live;
  const version = control.prepare("PRAGMA main.schema_version").pluck();
  let nextEpoch = 0;
  let nextNode = 0;
  const begin = (): Promise<Epoch> =>
    beginEpoch(live, {
      id: nextEpoch++,
      nodeId: nextNode++,
      place: logged ? "file" : undefined,
    });
  let epoch = await exclusively("prepare", begin);
  // Nobody was given the first base as a checkpoint.
  epoch.base.released = true;
  /** The checkpoints above the current state in its epoch, base first. */
  let line: Node[] = [epoch.base];

  function isKnown(): boolean {
    return epoch.log !== undefined && version.get() === epoch.schemaVersion;
  }

  async function enter(next: Epoch): Promise<void> {
    const left = epoch;
    for (const node of line) node.position = undefined;
    epoch = next;
    line = [next.base];
    next.base.position = 0;
    if (left !== next && prune(left.base, left.log)) await endEpoch(control, left);
  }

  function travel(to: Node): Arrive {
    const { log, counters } = epoch;
    const [meeting, ...way] = wayTo(to);
    if (log === undefined || meeting?.position === undefined) throw leadsNowhere(live.system);
    log.undo(meeting.position);
    const positions = way.map((node) => {
      log.redo(node.id, node.tables);
      return log.position();
    });
    counters.write(to.counters);
    const schemaVersion = version.get() as number;
    return () => {
      epoch.schemaVersion = schemaVersion;
      for (const node of line.splice(line.indexOf(meeting) + 1)) node.position = undefined;
      for (const [index, node] of way.entries()) node.position = positions[index];
      line.push(...way);
    };
  }

  async function enterByImage(next: Epoch, verb: string): Promise<void> {
    if (next.image === undefined) throw schemaChanged(live.system, verb);
    const before = version.get();
    try {
      await restoreImage(live.open, next.image, { live: live.file, waitMs: live.quiescenceMs });
    } catch (cause) {
      throw isBusy(cause) ? transactionOpen({ ...live, verb, cause }) : cause;
    }
    const after = version.get() as number;
    if (after === before) throw transactionOpen({ ...live, verb, cause: undefined });
    next.schemaVersion = after;
    await enter(next);
  }

  return {
    epoch: () => epoch,
    save: async () => {
      const made = await exclusively("checkpoint", async () => {
        const parent = line.at(-1);
        const { log, counters } = epoch;
        if (!isKnown() || log === undefined || parent?.position === undefined) return begin();
        const id = nextNode++;
        const tables = log.keep(parent.position, id);
        return { id, tables, position: log.position(), counters: counters.read() };
      });
      if ("base" in made) {
        await enter(made);
        return { epoch, node: made.base };
      }
      const node = addNode(line.at(-1), made);
      line.push(node);
      return { epoch, node };
    },
    restore: async (to) => {
      const arrive = await exclusively("roll back", () =>
        to.epoch === epoch && isKnown() ? travel(to.node) : undefined,
      );
      if (arrive !== undefined) return arrive();
      await enterByImage(to.epoch, "roll back");
      if (to.node === epoch.base) return undefined;
      return (await exclusively("roll back", () => travel(to.node)))();
    },
    release: async ({ epoch: of, node }) => {
      node.released = true;
      const onLine = line.indexOf(node);
      const isEmpty = prune(node, of.log);
      // What is gone from the tree must be gone from the line.
      if (onLine > 0)
        line = line.filter((it) => it.parent === undefined || it.parent.children.has(it));
      if (isEmpty && of !== epoch) await endEpoch(control, of);
    },
    isLogged: ({ epoch: of, node }) => of === epoch && node.position !== undefined && isKnown(),
  };
}

function schemaChanged(system: string, verb: string): ExploreError {
  return new ExploreError(
    "EXPLORE_SCHEMA_CHANGED",
    `${system}: cannot ${verb}, since an action changed the schema and the database is too large to keep a copy of it.\n` +
      'Leave out the action, or set `isolation: "backup"`, which copies the database at every checkpoint.',
    { details: { system, verb } },
  );
}

function leadsNowhere(system: string): ExploreError {
  return new ExploreError("EXPLORE_BUG", `${system}: a checkpoint is not connected to the log.`);
}
