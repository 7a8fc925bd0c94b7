import { ExploreError, usageError } from "../../errors.ts";
import { ownIdentity } from "../../provision/owner.ts";
import { type BaseCopy, baseCopy, type BaseEntries, putBack } from "./base-copy.ts";
import { command, type RedisClient, type Server } from "./driver.ts";
import { MARKER } from "./keys.ts";
import { type Marker, readMarker, standingOf } from "./marker.ts";
import type { ReadOptions } from "./options.ts";
import { clusterRefused, databaseTaken, notTestDatabase, remoteRefused } from "./refusals.ts";
import { isLocal } from "./options.ts";
import { runScript, type Scripting, SWAP } from "./scripts.ts";

/** A logical database that this world has to itself. */
export interface Claim {
  /** Our own connection to it. */
  readonly client: RedisClient;
  readonly db: number;
  /** The text of the marker, for whoever empties the database. */
  readonly marker: string;
  /** Sets the marker again after the app has emptied the database. */
  readonly renew: () => Promise<void>;
  /** Makes the database what it was and gives it up. */
  readonly leave: () => Promise<void>;
}

/** How long servers are searched for a free database, by default a server has 16. */
const MAX_SEARCHED = 1024;

/** The name of the connection that holds a claim. */
const HOLDER = "vitest-explore";

interface Attempt {
  readonly server: Server;
  readonly client: RedisClient;
  readonly db: number;
  readonly slot: string;
  readonly testDatabase: boolean;
  readonly base: BaseCopy;
}

/**
 * Claims the database that the options name, or else the first free one.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE` when it holds keys or is on another machine;
 * `EXPLORE_DATABASE_LOCKED` when another world has it.
 */
export async function claimDatabase(
  server: Server,
  { db, testDatabase, allowRemote }: ReadOptions,
  slot: string,
): Promise<Claim> {
  if (!allowRemote && !isLocal(server.address)) throw remoteRefused(server);
  const client = await server.connect(0);
  try {
    const info = String(await command(client, server.system, ["INFO", "server"]));
    if (/^redis_mode:cluster/m.test(info)) throw clusterRefused(server.system);
    const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
    const attempt = (number: number): Promise<Claim> =>
      tryClaim({
        server,
        client,
        db: number,
        slot,
        testDatabase,
        base: baseCopy(server, number, runId),
      });
    return await (db === undefined ? claimFirst(server, attempt) : attempt(db));
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

async function claimFirst(
  { system }: Server,
  attempt: (db: number) => Promise<Claim>,
): Promise<Claim> {
  let last: unknown;
  for (let db = 0; db < MAX_SEARCHED; db += 1) {
    try {
      return await attempt(db);
    } catch (error) {
      if (!(error instanceof ExploreError)) throw error;
      // Past the last database: what was wrong with the one before tells more.
      if (error.code === "EXPLORE_USAGE") break;
      last = error;
    }
  }
  throw new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: no database of the server is empty and free.\n` +
      "Start a server for the tests, or empty a database.",
    { cause: last, details: { system } },
  );
}

async function tryClaim(attempt: Attempt): Promise<Claim> {
  const { server, client, db, slot, base } = attempt;
  const { system } = server;
  const scripting: Scripting = { client, system };
  await select(attempt);
  const claimed = markerOf(slot, "claimed");
  await takeMarker(attempt, claimed);
  let entries: BaseEntries;
  try {
    await refuseOtherHolder(attempt);
    await command(client, system, ["CLIENT", "SETNAME", HOLDER]);
    entries = await secureContent(attempt);
  } catch (error) {
    await command(client, system, ["DEL", MARKER]);
    await command(client, system, ["CLIENT", "SETNAME", ""]);
    throw error;
  }
  // From here on a kill means that the content is put back by the next start.
  const marker = markerOf(slot, entries.length === 0 ? "empty" : "base");
  await command(client, system, ["SET", MARKER, marker]);
  return {
    client,
    db,
    marker,
    renew: async () => {
      await command(client, system, ["SET", MARKER, marker]);
    },
    leave: async () => {
      try {
        await putBack(scripting, entries, marker);
        base.remove();
        await command(client, system, ["DEL", MARKER]);
      } finally {
        client.disconnect();
      }
    },
  };
}

async function select({ server, client, db }: Attempt): Promise<void> {
  try {
    await command(client, server.system, ["SELECT", db]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("out of range")) throw error;
    throw usageError(`redis(): db: ${db}`, "does not exist on the server", "Give a lower number.");
  }
}

/** Sets the marker, whose place may be free or a dead run's; the latter's leftovers are repaired. */
async function takeMarker(attempt: Attempt, claimed: string): Promise<void> {
  const { server, client, db, base } = attempt;
  const { system } = server;
  const scripting: Scripting = { client, system };
  const found =
    ((await command(client, system, ["GET", MARKER])) as Buffer | null)?.toString() ?? "";
  const left = readMarker(found);
  if (left !== undefined && standingOf(left) !== "left") throw databaseTaken(server, db, left);
  if (Number(await runScript(scripting, SWAP, { keys: [MARKER], args: [found, claimed] })) !== 1) {
    throw databaseTaken(server, db, undefined);
  }
  if (left?.stage === "empty") return putBack(scripting, [], claimed);
  // The app may have removed the marker with everything else before its run was killed.
  if (left?.stage !== "base" && !base.isLeft()) return undefined;
  const entries = base.read();
  if (entries === undefined) {
    await command(client, system, ["SET", MARKER, found]);
    throw new ExploreError(
      "EXPLORE_NOT_A_TEST_DATABASE",
      `${system}: a run that was killed has left database ${db} changed, and the copy of what it held is gone.\n` +
        `Put its content back by hand, then remove the key ${MARKER}.`,
      { details: { system, db } },
    );
  }
  await putBack(scripting, entries, claimed);
  base.remove();
}

/** The app of another world may have emptied the database, and the marker with it. */
async function refuseOtherHolder({ server, client, db }: Attempt): Promise<void> {
  const list = String(await command(client, server.system, ["CLIENT", "LIST"]));
  const holder = list
    .split("\n")
    .some((line) => line.includes(` name=${HOLDER} `) && line.includes(` db=${db} `));
  if (holder) throw databaseTaken(server, db, undefined);
}

/** Makes sure that what the database holds can be put back. */
async function secureContent(attempt: Attempt): Promise<BaseEntries> {
  const { server, client, db, testDatabase, base } = attempt;
  const { system } = server;
  // One of them is our marker.
  const size = Number(await command(client, system, ["DBSIZE"])) - 1;
  if (size <= 0) return [];
  if (!testDatabase) throw notTestDatabase(server, db, size);
  return base.make({ client, system });
}

function markerOf(slot: string, stage: Marker["stage"]): string {
  return JSON.stringify({ owner: ownIdentity(), slot, stage, since: Date.now() } satisfies Marker);
}
