import { usageError } from "../../errors.ts";
import { TEST_MARK } from "../test-mark.ts";
import { type BaseEntries, emptyBut, factsOf, putBack, type ServerFacts } from "./base-copy.ts";
import { command, type RedisClient, type Server } from "./driver.ts";
import { beginClaim, readMarker } from "./marker.ts";
import { databaseTaken, notTestDatabase, swapped } from "./refusals.ts";
import { markerAt, removeMarker, swapMarker } from "./marker-key.ts";
import { filledDatabases, type Place, placeAt, takeMarker } from "./repair.ts";
import type { Connection, Scripting } from "./scripts.ts";

/** A logical database that this world has to itself. It is written only while it bears our marker. */
export interface Claim {
  readonly scripting: Scripting;
  readonly db: number;
  readonly marker: string;
  /** How often the database was emptied since it was claimed, as far as we know. */
  readonly emptied: () => number;
  /**
   * Makes sure that the database bears our marker, which goes when the app empties the database.
   *
   * @throws ExploreError when it is not our database any more.
   */
  readonly check: () => Promise<void>;
  /** Empties the database on a connection to it. */
  readonly empty: (client: RedisClient) => Promise<void>;
  /** Makes the database what it was and gives it up. */
  readonly leave: () => Promise<void>;
}

/** The name of the connection that holds a claim. */
const HOLDER = "vitest-explore";

/** What is asked for. */
export interface Wish {
  readonly server: Server;
  /** A connection of our own, which the claim keeps. */
  readonly scripting: Scripting;
  readonly slot: string;
  readonly facts: ServerFacts;
  /** What says that a database with keys may be used. */
  readonly marked: "testDatabase" | "named" | "chosen";
}

/**
 * Claims one database.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE` when it holds keys that may be needed;
 * `EXPLORE_DATABASE_LOCKED` when another world has it; `EXPLORE_USAGE` when it does not exist.
 */
export async function claimNumber(wish: Wish, db: number): Promise<Claim> {
  const { scripting, slot } = wish;
  const { client, system } = scripting;
  const place = placeAt(wish, db);
  await select(place);
  const { textOf, end } = beginClaim(slot);
  let entries: BaseEntries;
  let marker: string;
  let isOurs = false;
  try {
    await takeMarker(place, textOf);
    isOurs = true;
    await refuseOtherHolder(place);
    await command(client, system, ["CLIENT", "SETNAME", HOLDER]);
    entries = await secureContent(place, wish, textOf("base"));
    // From here on a kill means that the content is put back by the next start.
    marker = textOf(entries.length === 0 ? "empty" : "base");
    if (!(await swapMarker(scripting, textOf("claimed"), marker))) {
      throw databaseTaken(place.server, db, undefined);
    }
  } catch (error) {
    if (isOurs) place.base.retire(place.facts, true);
    end();
    await again(place, async (inDatabase) => {
      for (const stage of ["claimed", "empty", "base"] as const) {
        await removeMarker(inDatabase, textOf(stage));
      }
      await command(inDatabase.client, system, ["CLIENT", "SETNAME", ""]);
    });
    throw error;
  }
  return holdClaim(place, { entries, marker, done: textOf("claimed"), end });
}

interface Held {
  readonly entries: BaseEntries;
  readonly marker: string;
  /** The marker's text once all is put back. */
  readonly done: string;
  readonly end: () => void;
}

function holdClaim(place: Place, { entries, marker, done, end }: Held): Claim {
  const { server, scripting, db, base } = place;
  const { system } = server;
  let emptied = 0;
  let wasDone = false;

  async function putBackAll(on: Scripting): Promise<void> {
    if (await putBack(on, entries, marker)) return;
    await check(on);
    await putBack(on, entries, marker);
  }

  async function check(on: Connection = scripting): Promise<void> {
    const found = await markerAt(on);
    if (found === marker) return;
    if (found !== "") throw databaseTaken(server, db, readMarker(found));
    const elsewhere = await findMarker(server, marker);
    if (elsewhere !== undefined) throw swapped(system, db, elsewhere);
    if (!(await swapMarker(on, "", marker))) throw databaseTaken(server, db, undefined);
    emptied += 1;
  }

  return {
    scripting,
    db,
    marker,
    emptied: () => emptied,
    check: () => check(),
    empty: async (client) => {
      const on = { system, client };
      if (!(await emptyBut(on, marker))) {
        await check(on);
        await emptyBut(on, marker);
      }
      emptied += 1;
    },
    leave: async () => {
      try {
        await again(place, async (on) => {
          // The answer to an earlier try may have been lost: all is put back, or even the marker gone.
          if ((await markerAt(on)) !== done && !wasDone) {
            await putBackAll(on);
            await swapMarker(on, marker, done);
          }
          wasDone = true;
          const info = String(await command(on.client, system, ["INFO"]));
          base.retire(factsOf(info), true);
          await removeMarker(on, done);
        });
      } finally {
        end();
        scripting.client.disconnect();
      }
    },
  };
}

/** Runs on our connection, or on a new one when that fails: it may have been lost. */
async function again(
  { server, scripting, db }: Place,
  run: (scripting: Scripting) => Promise<void>,
): Promise<void> {
  try {
    await run(scripting);
  } catch {
    const client = await server.connect(db);
    try {
      await run({ ...scripting, client });
    } finally {
      client.disconnect();
    }
  }
}

/** The database that bears a marker. */
async function findMarker(server: Server, marker: string): Promise<number | undefined> {
  const { system } = server;
  const client = await server.connect(0);
  try {
    for (const db of await filledDatabases({ client, system })) {
      await command(client, system, ["SELECT", db]);
      if ((await markerAt({ client, system })) === marker) return db;
    }
    return undefined;
  } finally {
    client.disconnect();
  }
}

async function select({ server, scripting, db }: Place): Promise<void> {
  try {
    await command(scripting.client, server.system, ["SELECT", db]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("out of range")) throw error;
    throw usageError(`redis(): db: ${db}`, "does not exist on the server", "Give a lower number.");
  }
}

/** The app of another world may have emptied the database, and the marker with it. */
async function refuseOtherHolder({ server, scripting, db }: Place): Promise<void> {
  const list = String(await command(scripting.client, server.system, ["CLIENT", "LIST"]));
  const holder = list
    .split("\n")
    .some((line) => line.includes(` name=${HOLDER} `) && line.includes(` db=${db} `));
  if (holder) throw databaseTaken(server, db, undefined);
}

/** Makes sure that what the database holds can be put back. */
async function secureContent(
  { server, scripting, db, base }: Place,
  { marked }: Wish,
  marker: string,
): Promise<BaseEntries> {
  const { client, system } = scripting;
  // One of them is our marker.
  const size = Number(await command(client, system, ["DBSIZE"])) - 1;
  if (size <= 0) return [];
  const isMarked =
    marked === "testDatabase" ||
    (marked === "named" && Number(await command(client, system, ["EXISTS", TEST_MARK])) === 1);
  if (!isMarked) throw notTestDatabase(server, db, size);
  return base.make(scripting, marker);
}
