import { randomBytes } from "node:crypto";
import { ExploreError } from "../../errors.ts";
import { livenessOf, ownIdentity, readIdentity } from "../../provision/owner.ts";
import { quoteName, quoteText } from "../sql/quote.ts";
import type { Address } from "./address.ts";
import type { Driver, PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import type { ReadOptions } from "./options.ts";
import type { OpenTransaction } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";

/** The database that the world works in. */
export interface Place {
  readonly database: string;
  /** Whether it is the user's own. */
  readonly isGiven: boolean;
  /** Drops it, unless it is the user's own. */
  readonly leave: () => Promise<void>;
}

/** What is needed to make a {@link Place}. */
export interface PlaceRequest {
  readonly system: string;
  readonly driver: Driver;
  readonly address: Address;
  readonly options: ReadOptions;
}

/** Databases of ours begin with it; who made them follows. */
const PREFIX = "explore_";

/**
 * Makes the database the world works in: a new one for `schema`, else a copy of the user's. The
 * user's own is only used when it was marked as a test database.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE` when no database can be made and the given one
 * was not marked.
 */
export async function preparePlace(request: PlaceRequest): Promise<Place> {
  const { driver, address, options } = request;
  if (options.testDatabase) {
    return { database: address.database, isGiven: true, leave: async () => {} };
  }
  const admin = await connectAdmin(driver, address.database);
  try {
    await dropLeftovers(admin);
    const database = newName();
    await create(admin, request, database);
    return {
      database,
      isGiven: false,
      leave: async () => {
        const client = await connectAdmin(driver, address.database);
        try {
          await dropDatabase(client, database);
        } finally {
          await client.end();
        }
      },
    };
  } finally {
    await admin.end();
  }
}

/** Makes a name that tells its owner, so that a later run drops it when this process was killed. */
export function newName(): string {
  const { pid, place, start } = ownIdentity();
  return `${PREFIX}${pid}_${place}_${start}_${randomBytes(4).toString("hex")}`;
}

/** Ends its connections and drops a database; harmless when it is gone. */
export async function dropDatabase(admin: PostgresClient, database: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${quoteName(database)} WITH (FORCE)`);
}

/** Connects to a database that is not the one to be copied: a connection would be in the way. */
export async function connectAdmin(driver: Driver, given: string): Promise<PostgresClient> {
  const [first, second] = ["postgres", "template1"].filter((name) => name !== given);
  try {
    return await driver.connect(first ?? "postgres");
  } catch (error) {
    // Some servers have no database `postgres`; every other failure will show again.
    if (second === undefined) throw error;
    return driver.connect(second);
  }
}

async function dropLeftovers(admin: PostgresClient): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE starts_with(datname, ${quoteText(PREFIX)})`,
  );
  for (const { datname } of rows) {
    const [, pid, place, start] = /^explore_(\d+)_([0-9a-f]+)_([0-9a-f]+)_/.exec(datname) ?? [];
    const owner = readIdentity({ pid: Number(pid), place, start });
    if (owner === undefined || livenessOf(owner) !== "dead") continue;
    await dropDatabase(admin, datname).catch((error: unknown) => {
      // Another run drops it at this moment, or it is another user's.
      if (!["3D000", "42501", "55006", "XX000"].includes(sqlState(error))) throw error;
    });
  }
}

async function create(
  admin: PostgresClient,
  request: PlaceRequest,
  database: string,
): Promise<void> {
  const { system, address, options } = request;
  const given = address.database;
  try {
    if (options.schema !== undefined) {
      await admin.query(`CREATE DATABASE ${quoteName(database)} TEMPLATE template0`);
      return;
    }
    const sql = `CREATE DATABASE ${quoteName(database)} TEMPLATE ${quoteName(given)}`;
    await untilQuiet(
      { system, database: given, quiescenceMs: options.quiescenceMs },
      "copy the database",
      async () => (await isInUse(admin, given)) ?? (await admin.query(sql), true),
    );
  } catch (cause) {
    if (sqlState(cause) === "42501") throw notATestDatabase(request, cause);
    if (sqlState(cause) === "3D000") throw noDatabase(request, cause);
    throw cause;
  }
}

/** A database that somebody is connected to cannot be copied, idle or not. */
async function isInUse(
  admin: PostgresClient,
  database: string,
): Promise<{ readonly open: readonly OpenTransaction[] } | undefined> {
  const { rows } = await admin.query<OpenTransaction>(
    `SELECT pid, coalesce(state, 'connected') AS state, query, application_name AS application FROM pg_stat_activity
     WHERE datname = ${quoteText(database)} AND backend_type = 'client backend'`,
  );
  return rows.length === 0 ? undefined : { open: rows };
}

function notATestDatabase({ system, address }: PlaceRequest, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: no database of our own can be made, and ${address.database} was not marked as a test database.\n` +
      `  reason: the user ${address.user ?? "(this system's user)"} may not create or copy databases\n` +
      "Grant it: ALTER ROLE … CREATEDB; and let it own the database. Or set `testDatabase: true` if what is in " +
      `${address.database} may be written to; its rows are put back at the end.`,
    { cause, details: { system, database: address.database } },
  );
}

function noDatabase({ system, address }: PlaceRequest, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: there is no database ${address.database} to copy.\n` +
      "Correct `url`, or give `schema`, which fills a new database.",
    { cause, details: { system, database: address.database } },
  );
}
