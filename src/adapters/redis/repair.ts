import { ExploreError } from "../../errors.ts";
import {
  type BaseCopy,
  baseCopy,
  type BaseEntries,
  putBack,
  type ServerFacts,
} from "./base-copy.ts";
import { command, type Server } from "./driver.ts";
import { isOurs, type Key } from "./keys.ts";
import { capture, listKeys } from "./keyspace.ts";
import { markerAt, removeMarker, swapMarker } from "./marker-key.ts";
import { beginClaim, type Marker, readMarker, standingOf } from "./marker.ts";
import { copyGone, copyLeft, databaseTaken } from "./refusals.ts";
import type { Connection, Scripting } from "./scripts.ts";

/** A logical database that somebody would like to have. */
export interface Place {
  readonly server: Server;
  /** Our own connection to it. */
  readonly scripting: Scripting;
  readonly db: number;
  readonly facts: ServerFacts;
  readonly base: BaseCopy;
}

/** One of the server's databases. */
export function placeAt(
  { server, scripting, facts }: Pick<Place, "server" | "scripting" | "facts">,
  db: number,
): Place {
  return { server, scripting, facts, db, base: baseCopy(server, db, facts) };
}

/** What a marker can be made of. */
export type TextOf = (stage: Marker["stage"]) => string;

/**
 * Sets our marker, whose place may be free or a dead run's; the latter's leftovers are repaired.
 *
 * @throws ExploreError `EXPLORE_DATABASE_LOCKED` when another world has the database;
 * `EXPLORE_NOT_A_TEST_DATABASE` when it cannot be repaired.
 */
export async function takeMarker(place: Place, textOf: TextOf): Promise<void> {
  const { server, scripting, db, base } = place;
  const found = await markerAt(scripting);
  const left = readMarker(found);
  if (left !== undefined && standingOf(left) !== "left") throw databaseTaken(server, db, left);
  const entries = await toPutBack(place, found, left);
  // Until it is repaired it says what is wrong with it.
  const mark = textOf(entries === undefined ? "claimed" : (left?.stage ?? "base"));
  await swapOrRefuse(place, found, mark);
  if (entries !== undefined) {
    await putBack(scripting, entries, mark);
    await swapOrRefuse(place, mark, textOf("claimed"));
  }
  base.retire(place.facts, found !== "" || entries !== undefined);
}

/** What a dead run has changed, as it was; `undefined` when nothing is to be repaired. */
async function toPutBack(
  place: Place,
  found: string,
  left: Marker | undefined,
): Promise<BaseEntries | undefined> {
  if (left?.stage === "claimed") return undefined;
  if (left?.stage === "empty") return [];
  if (left?.stage === "base") {
    const entries = place.base.read(found);
    if (entries === undefined) throw copyGone(place.server.system, place.db);
    return entries;
  }
  return leftWithoutMarker(place);
}

/**
 * The app may have removed the marker with everything else before its run was killed, and the server
 * may have saved itself at just that moment.
 */
async function leftWithoutMarker({
  server,
  scripting,
  db,
  facts,
  base,
}: Place): Promise<BaseEntries | undefined> {
  const copy = base.left();
  if (copy?.isOlder !== true) return copy?.entries;
  // A server that logs every write has come up with what was there last, which was put back.
  if (copy.isRetired && facts.logsWrites) return undefined;
  const keys = await listKeys(scripting);
  if (keys.length === 0) return copy.entries;
  if (copy.isRetired || (await holds(scripting, keys, copy.entries))) return undefined;
  throw copyLeft(server.system, db, copy);
}

/** Whether a database holds what a copy does; a time to live may have gone on. */
async function holds(
  scripting: Scripting,
  keys: readonly Key[],
  entries: BaseEntries,
): Promise<boolean> {
  const wanted = new Map(entries.filter(([key]) => !isOurs(key)));
  if (keys.length !== wanted.size) return false;
  const { versions } = await capture(scripting, keys);
  return [...versions].every(([key, version]) => {
    const payload = wanted.get(key)?.payload;
    return payload !== undefined && version?.payload.equals(payload) === true;
  });
}

/** The databases that hold keys. */
export async function filledDatabases({ client, system }: Connection): Promise<readonly number[]> {
  const info = String(await command(client, system, ["INFO", "keyspace"]));
  return [...info.matchAll(/^db(\d+):/gm)].map(([, db]) => Number(db));
}

/** Repairs what killed runs have left in any database of the server, so that nothing piles up. */
export async function repairAll(on: Pick<Place, "server" | "scripting" | "facts">): Promise<void> {
  const { client, system } = on.scripting;
  for (const db of await filledDatabases(on.scripting)) {
    await command(client, system, ["SELECT", db]);
    const left = readMarker(await markerAt(on.scripting));
    if (left === undefined || standingOf(left) === "working") continue;
    const { textOf, end } = beginClaim("repair");
    try {
      await takeMarker(placeAt(on, db), textOf);
      await removeMarker(on.scripting, textOf("claimed"));
    } catch (error) {
      // Another run is quicker, or the copy is gone: who asks for this database is told.
      if (!(error instanceof ExploreError)) throw error;
    } finally {
      end();
    }
  }
}

async function swapOrRefuse(
  { server, scripting, db }: Place,
  from: string,
  to: string,
): Promise<void> {
  if (!(await swapMarker(scripting, from, to))) throw databaseTaken(server, db, undefined);
}
