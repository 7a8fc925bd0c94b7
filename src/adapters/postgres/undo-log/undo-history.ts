import { isExploreError } from "../../../errors.ts";
import type { Diff } from "../../adapter.ts";
import { createAttempt } from "../attempt.ts";
import { diffWith } from "../content-diff.ts";
import { openControl, openReader } from "../control.ts";
import type { Copies } from "../copies.ts";
import { diffReader } from "../diff.ts";
import type { PostgresClient } from "../driver.ts";
import type { Engine } from "./engine.ts";
import { createEngine } from "./engine.ts";
import type { Epoch, Installed } from "./epoch.ts";
import { install, readWays, writeWays } from "./epoch.ts";
import type { Counters, Node } from "./history.ts";
import type { ModeTarget } from "../mode.ts";
import type { Attempt, Standing } from "../../sql/standing.ts";
import { createStanding } from "../../sql/standing.ts";

/** A checkpoint and the epoch it belongs to. */
export interface UndoPoint {
  readonly epoch: Epoch;
  readonly node: Node;
}

/** The checkpoints of a database that everybody may write to. */
export interface UndoHistory {
  readonly save: () => Promise<UndoPoint>;
  readonly restore: (to: UndoPoint) => Promise<void>;
  readonly release: (point: UndoPoint) => Promise<void>;
  readonly diff: (since: UndoPoint) => Promise<Diff>;
  /** The connection that restores. Another one after a schema change. */
  readonly control: () => PostgresClient;
  /** Puts the database back to where the history began. */
  readonly rewind: () => Promise<void>;
}

/** How a history begins. */
export interface Beginning {
  readonly target: ModeTarget;
  readonly control: PostgresClient;
  readonly installed: Installed;
  /** A copy of the database as it was then; or why there is none. */
  readonly image: string | { readonly missing: string };
  readonly copies: Copies | undefined;
}

/** The log in the live database and where in its history that stands. */
interface Live {
  readonly epoch: Epoch;
  readonly engine: Engine;
  readonly attempt: Attempt;
  readonly standing: Standing<Counters>;
}

/**
 * Keeps checkpoints in epochs. Within one the log leads from any state to any other. A schema change
 * ends it: the next checkpoint begins another, with a copy of the database, and the way back leads
 * over the copy that the epoch there began with.
 */
// oxlint-disable-next-line max-lines-per-function -- one closure over where the database stands
export function undoHistory(beginning: Beginning): UndoHistory {
  const { target, copies } = beginning;
  let { control } = beginning;
  let nextNode = beginning.installed.base.id + 1;
  const newNode = (): number => nextNode++;
  /** A database that is at a checkpoint of an earlier epoch, to be compared with. */
  let compared: { readonly point: UndoPoint; readonly database: string } | undefined;

  function enter(epoch: Epoch, engine: Engine, line?: readonly Node[]): Live {
    const attempt = createAttempt(target, engine, missingImage(beginning));
    const place = { base: epoch.base, attempt, newNode, line };
    return { epoch, engine, attempt, standing: createStanding(target.system, engine, place) };
  }

  function beginEpoch({ engine, base, start }: Installed, image: string | undefined): Live {
    const { catalogue } = engine;
    return enter({ catalogue, base, start, image, points: new Set(), ways: undefined }, engine);
  }

  let live = beginEpoch(
    beginning.installed,
    typeof beginning.image === "string" ? beginning.image : undefined,
  );

  async function dropCompared(): Promise<void> {
    if (compared !== undefined) await copies?.drop(compared.database);
    compared = undefined;
  }

  async function leave(left: Epoch): Promise<void> {
    if (left === live.epoch || left.points.size > 0) return;
    if (left.image !== undefined) await copies?.drop(left.image);
  }

  /** The schema is another one: the state becomes the base of an epoch of its own. */
  async function startOver(made: Copies): Promise<UndoPoint> {
    const left = live.epoch;
    left.ways = await readWays(control, left.catalogue);
    const installed = await install(control, target, newNode());
    await control.end();
    await made.endConnections("checkpoint");
    const image = await made.make("checkpoint");
    control = await openControl(target);
    const engine = await createEngine(control, installed.engine.catalogue);
    live = beginEpoch({ ...installed, engine }, image);
    await leave(left);
    return { epoch: live.epoch, node: live.epoch.base };
  }

  /** Makes a database that is at a checkpoint of any epoch. */
  async function build(
    made: Copies,
    image: string,
    { epoch, node }: UndoPoint,
  ): Promise<{ readonly database: string; readonly places: readonly string[] }> {
    const database = await made.make("roll back", image);
    const client = await openControl({ ...target, database });
    try {
      if (epoch.ways !== undefined) await writeWays(client, epoch.catalogue, epoch.ways);
      const engine = await createEngine(client, epoch.catalogue);
      const attempt = createAttempt({ ...target, database }, engine, undefined);
      const way = ancestors(node).slice(1);
      const ids = way.map(({ id }) => id);
      const places = await attempt("roll back", () => engine.travel(epoch.start, ids, node));
      return { database, places };
    } finally {
      await client.end();
    }
  }

  async function rebuild(made: Copies, image: string, to: UndoPoint): Promise<void> {
    const left = live.epoch;
    left.ways = await readWays(control, left.catalogue);
    const { database, places } = await build(made, image, to);
    await control.end();
    await made.become(database, "roll back");
    control = await openControl(target);
    const line = ancestors(to.node);
    forgetPositions(to.epoch.base);
    for (const [i, node] of line.entries()) node.position = places[i];
    live = enter(to.epoch, await createEngine(control, to.epoch.catalogue), line);
    to.epoch.ways = undefined;
    await leave(left);
  }

  async function compareContent(since: UndoPoint, made: Copies, image: string): Promise<Diff> {
    if (compared?.point.node !== since.node) {
      await dropCompared();
      if (since.epoch === live.epoch)
        since.epoch.ways = await readWays(control, since.epoch.catalogue);
      compared = { point: since, database: (await build(made, image, since)).database };
    }
    const [then, now] = [
      await openReader(target, compared.database),
      await openReader(target, target.database),
    ];
    try {
      return await diffWith(target, then, now);
    } finally {
      await Promise.all([then.end(), now.end()]);
    }
  }

  /** Runs what the log can do; where the schema is another one, what copies can do. */
  async function orByCopy<T>(
    point: UndoPoint | undefined,
    byLog: (() => Promise<T>) | undefined,
    byCopy: (made: Copies, image: string) => Promise<T>,
  ): Promise<T> {
    const image = (point?.epoch ?? live.epoch).image;
    if (byLog === undefined) {
      if (copies === undefined || image === undefined) throw new Error("an epoch has no image");
      return byCopy(copies, image);
    }
    try {
      return await byLog();
    } catch (error) {
      const isChanged = isExploreError(error) && error.code === "EXPLORE_SCHEMA_CHANGED";
      if (!isChanged || copies === undefined || image === undefined) throw error;
      return byCopy(copies, image);
    }
  }

  const isHere = ({ epoch }: UndoPoint): boolean => epoch === live.epoch;

  return {
    control: () => control,
    save: async () => {
      const point = await orByCopy(
        undefined,
        async () => ({ epoch: live.epoch, node: await live.standing.save() }),
        startOver,
      );
      point.epoch.points.add(point.node);
      return point;
    },
    restore: (to) =>
      orByCopy(to, isHere(to) ? () => live.standing.travel(to.node) : undefined, (made, image) =>
        rebuild(made, image, to),
      ),
    release: async (point) => {
      const { epoch, node } = point;
      epoch.points.delete(node);
      if (compared?.point.node === node) await dropCompared();
      if (isHere(point)) return live.standing.release(node);
      node.released = true;
      await leave(epoch);
    },
    diff: async (since) => {
      const { position } = since.node;
      const { engine, attempt, epoch } = live;
      const byLog = async (place: string): Promise<Diff> => {
        const rows = await attempt("compare", () => engine.changes(place));
        return diffReader(target.driver, epoch.catalogue.tables)(rows);
      };
      return orByCopy(
        since,
        isHere(since) && position !== undefined ? () => byLog(position) : undefined,
        (made, image) => compareContent(since, made, image),
      );
    },
    rewind: () => live.standing.travel(beginning.installed.base),
  };
}

function missingImage({ image }: Beginning): string | undefined {
  return typeof image === "string" ? undefined : image.missing;
}

/** From the base to a checkpoint. */
function ancestors(node: Node): readonly Node[] {
  const line = [node];
  for (let at = node.parent; at !== undefined; at = at.parent) line.unshift(at);
  return line;
}

function forgetPositions(node: Node): void {
  node.position = undefined;
  for (const child of node.children) forgetPositions(child);
}
