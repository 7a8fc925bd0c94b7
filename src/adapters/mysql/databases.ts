import { isLeft, PREFIX } from "../sql/database-names.ts";
import type { SetUp } from "../sql/set-up.ts";
import type { Address } from "./address.ts";
import type { Control } from "./control.ts";
import { isForbidden } from "./control.ts";
import type { Driver, MysqlClient } from "./driver.ts";
import { readRows } from "./driver.ts";
import type { ReadOptions } from "./options.ts";
import { quoteName } from "./quote.ts";

/** What is needed to make the database that a world works in. */
export interface PlaceRequest {
  readonly system: string;
  readonly driver: Driver;
  readonly address: Address;
  readonly options: ReadOptions;
  readonly setUp: SetUp<MysqlClient> | undefined;
  /** Whether the server is there for us alone, so that what later worlds can use may stay on it. */
  readonly isOurServer: boolean;
}

/** The database beside ours that the log is kept in. */
export function logDatabase(database: string): string {
  return `${database}_log`;
}

/** Drops a database of ours and what belongs to it; harmless when it is gone. */
export async function dropDatabase({ client }: Control, database: string): Promise<void> {
  // The triggers' tables go after the triggers.
  await client.query(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
  await client.query(`DROP DATABASE IF EXISTS ${quoteName(logDatabase(database))}`);
}

/** Makes an empty database. */
export async function createDatabase(
  { client }: Control,
  database: string,
  like?: string,
): Promise<void> {
  const [row] =
    like === undefined
      ? []
      : await readRows<{ charset: string; collation: string }>(
          client,
          "SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?",
          [like],
        );
  const letters =
    row === undefined
      ? "CHARACTER SET utf8mb4"
      : `CHARACTER SET ${row.charset} COLLATE ${row.collation}`;
  await client.query(`CREATE DATABASE ${quoteName(database)} ${letters}`);
}

/** Names of databases of ours, whoever made them. */
export async function listDatabases({ client }: Control): Promise<readonly string[]> {
  const rows = await readRows<{ name: string }>(
    client,
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ?) = ? ORDER BY SCHEMA_NAME",
    [PREFIX.length, PREFIX],
  );
  return rows.map(({ name }) => name);
}

/** Drops the databases of runs that were killed. */
export async function dropLeftovers(admin: Control): Promise<void> {
  for (const name of await listDatabases(admin)) {
    if (!isLeft(name)) continue;
    await dropDatabase(admin, name).catch((error: unknown) => {
      // Another user's.
      if (!isForbidden(error)) throw error;
    });
  }
}
