import { quoteName, quoteText } from "../sql/quote.ts";
import type { SetUp } from "../sql/set-up.ts";
import type { Address } from "./address.ts";
import type { Driver, PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import { isLeft, PREFIX } from "../sql/database-names.ts";
import type { ReadOptions } from "./options.ts";

/** What is needed to make the database that a world works in. */
export interface PlaceRequest {
  readonly system: string;
  readonly driver: Driver;
  readonly address: Address;
  readonly options: ReadOptions;
  readonly setUp: SetUp<PostgresClient> | undefined;
  /** Whether the server is there for us alone, so that what later worlds can use may stay on it. */
  readonly isOurServer: boolean;
}

/** Ends its connections and drops a database; harmless when it is gone. */
export async function dropDatabase(admin: PostgresClient, database: string): Promise<void> {
  const name = quoteName(database);
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } catch (error) {
    // PostgreSQL 12 does not know FORCE.
    if (sqlState(error) !== "42601") throw error;
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${quoteText(database)}`,
    );
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
  }
}

/** Connects to a database of the server that is not the one named. */
export async function connectBeside(
  driver: Driver,
  database: string | undefined,
): Promise<PostgresClient> {
  const [first = "postgres", second] = ["postgres", "template1"].filter(
    (name) => name !== database,
  );
  try {
    return await driver.connect(first);
  } catch (error) {
    // Some servers have no database `postgres`; every other failure will show again.
    if (second === undefined) throw error;
    return driver.connect(second);
  }
}

/** Drops the databases of runs that were killed. */
export async function dropLeftovers(admin: PostgresClient): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE starts_with(datname, ${quoteText(PREFIX)})`,
  );
  for (const { datname } of rows) {
    if (!isLeft(datname)) continue;
    await dropDatabase(admin, datname).catch((error: unknown) => {
      // Another run drops it at this moment, or it is another user's.
      if (!["3D000", "42501", "55006", "XX000"].includes(sqlState(error))) throw error;
    });
  }
}
