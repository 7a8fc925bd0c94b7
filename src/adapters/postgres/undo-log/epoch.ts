import type { Catalogue } from "../catalogue.ts";
import { inTransaction } from "../control.ts";
import type { PostgresClient } from "../driver.ts";
import type { Engine } from "./engine.ts";
import { installEngine, UNINSTALL } from "./engine.ts";
import type { Node } from "./history.ts";
import { addNode } from "../../sql/history.ts";
import { slots, wayOf } from "./log-sql.ts";
import { OURS } from "../catalogue.ts";
import type { ModeTarget } from "../mode.ts";
import { untilQuiet } from "../quiescence.ts";

/** A time in which the schema stays the same, so that a log knows all that changes. */
export interface Epoch {
  readonly catalogue: Catalogue;
  /** The checkpoint it began with. */
  readonly base: Node;
  /** The base's position in the log of the image. */
  readonly start: string;
  /** A copy of the database at the base, log included; `undefined` where there can be none. */
  readonly image: string | undefined;
  /** Checkpoints that the user may return to. */
  readonly points: Set<Node>;
  /** The ways to its checkpoints while another epoch is in the database. */
  ways: Ways | undefined;
}

/** Rows of the ways through each table, by the table's id: a list in JSON. */
export type Ways = ReadonlyMap<number, string>;

/** What has been installed in a database. */
export interface Installed {
  readonly engine: Engine;
  readonly base: Node;
  readonly start: string;
}

/** Installs a log, in place of any other, and marks the current state as its base. */
export async function install(
  client: PostgresClient,
  target: ModeTarget,
  id: number,
): Promise<Installed> {
  const { schemas, isGiven } = target;
  return untilQuiet(target, "prepare", () =>
    inTransaction(client, async () => {
      await client.query(UNINSTALL);
      const engine = await installEngine(client, { schemas, isSession: false, isGiven });
      const saved = await engine.save("0", id);
      // Whoever has just begun is waited for: nothing of ours is there yet.
      if (!("place" in saved)) throw new Interrupted(saved);
      const { place, counters } = saved;
      // Where a run that was killed can be undone from, by the next one.
      await client.query(
        `CREATE TABLE ${OURS}.base AS SELECT ${place}::bigint AS place, $1::bigint[] AS last, $2::boolean[] AS called`,
        [counters.last, counters.called],
      );
      const base = addNode(undefined, { id, position: place, tables: [], counters });
      return { engine, base, start: place };
    }).catch((error: unknown) => {
      if (error instanceof Interrupted && "open" in error.obstacle) return error.obstacle;
      throw error;
    }),
  );
}

/** Rolls the installation back. */
class Interrupted extends Error {
  readonly obstacle: Extract<Awaited<ReturnType<Engine["save"]>>, object>;

  constructor(obstacle: Extract<Awaited<ReturnType<Engine["save"]>>, object>) {
    super("transactions are open");
    this.obstacle = obstacle;
  }
}

/** Reads the ways to all checkpoints, to be put into a copy of the epoch's image. */
export async function readWays(client: PostgresClient, { tables }: Catalogue): Promise<Ways> {
  const found = new Map<number, string>();
  for (const table of tables) {
    const values = slots(table).map((slot) => `${slot}::text`);
    const { rows } = await client.query<{ list: string | null }>(
      `SELECT json_agg(json_build_array(node, had, ARRAY[${values.join(", ")}]::text[]))::text AS list FROM ${wayOf(table)}`,
    );
    const list = rows[0]?.list ?? null;
    if (list !== null) found.set(table.id, list);
  }
  return found;
}

/** Puts ways into the log of another database that has the same tables. */
export async function writeWays(
  client: PostgresClient,
  { tables }: Catalogue,
  ways: Ways,
): Promise<void> {
  for (const table of tables) {
    const list = ways.get(table.id);
    if (list === undefined) continue;
    const values = table.columns.map(({ typeName }, i) => `, (e -> 2 ->> ${i})::${typeName}`);
    await client.query(
      `INSERT INTO ${wayOf(table)} SELECT (e ->> 0)::bigint, (e ->> 1)::boolean${values.join("")} FROM json_array_elements($1::json) AS e`,
      [list],
    );
  }
}
