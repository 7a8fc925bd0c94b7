import type { Driver } from "./driver.ts";
import { OURS } from "./catalogue.ts";

/** A table of this name, in any schema, says that what is in a database may be written to. */
const MARKER = "explore_test_database";

/** Whether the user's own database may be worked in without having been named a test database. */
export async function isUsableGiven(driver: Driver, database: string): Promise<boolean> {
  const client = await driver.connect(database);
  try {
    const { rows } = await client.query<{ usable: boolean }>(
      `SELECT coalesce(bool_or(c.relname = '${MARKER}'), true) AS usable
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', '${OURS}')
         AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`,
    );
    return rows[0]?.usable === true;
  } finally {
    await client.end();
  }
}
