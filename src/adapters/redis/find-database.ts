import { ExploreError } from "../../errors.ts";
import { remoteRefused } from "../remote.ts";
import { factsOf } from "./base-copy.ts";
import { type Claim, claimNumber, type Wish } from "./claim.ts";
import { command, type Server } from "./driver.ts";
import { isLocal, type ReadOptions } from "./options.ts";
import { clusterRefused, noFreeDatabase } from "./refusals.ts";
import { repairAll } from "./repair.ts";
import type { Scripting } from "./scripts.ts";

/** How many databases are looked at; by default a server has 16. */
const MAX_SEARCHED = 1024;

/**
 * Claims the database that the options name, or else the first free one.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE` when it holds keys or is on another machine;
 * `EXPLORE_DATABASE_LOCKED` when another world has it, or other worlds have all.
 */
export async function claimDatabase(
  server: Server,
  { db, testDatabase, allowRemote }: Pick<ReadOptions, "db" | "testDatabase" | "allowRemote">,
  slot: string,
): Promise<Claim> {
  if (!allowRemote && !isLocal(server.address)) {
    throw remoteRefused(server.system, server.address.host);
  }
  const client = await server.connect(0);
  const { system } = server;
  try {
    const info = String(await command(client, system, ["INFO"]));
    // Valkey calls it so; a server that says it is Redis by the older name.
    if (/^(redis|server)_mode:cluster/m.test(info)) throw clusterRefused(system);
    const facts = factsOf(info);
    const [known] = (await command(client, system, ["COMMAND", "INFO", "HPTTL"])) as unknown[];
    const hasFieldTimes = known !== null && known !== undefined;
    const scripting: Scripting = { client, system, hasFieldTimes };
    await repairAll({ server, scripting, facts });
    const marked = testDatabase ? "testDatabase" : db === undefined ? "chosen" : "named";
    const wish: Wish = { server, scripting, slot, facts, marked };
    return await (db === undefined ? claimFirst(wish) : claimNumber(wish, db));
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

async function claimFirst(wish: Wish): Promise<Claim> {
  let taken = 0;
  let filled = 0;
  for (let db = 0; db < MAX_SEARCHED; db += 1) {
    try {
      return await claimNumber(wish, db);
    } catch (error) {
      if (!(error instanceof ExploreError)) throw error;
      if (error.code === "EXPLORE_DATABASE_LOCKED") taken += 1;
      else if (error.code === "EXPLORE_NOT_A_TEST_DATABASE") filled += 1;
      // Past the last database.
      else if (error.code === "EXPLORE_USAGE") break;
      else throw error;
    }
  }
  throw noFreeDatabase(wish.server, { taken, filled });
}
