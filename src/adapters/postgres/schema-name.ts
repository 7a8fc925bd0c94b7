import { show, usageError } from "../../errors.ts";
import type { PostgresClient } from "./driver.ts";

/**
 * Refuses a `schema` that was read as a name and names no schema when the app is ready: a folder
 * called `drizzle` is easily meant.
 *
 * @throws ExploreError `EXPLORE_USAGE` with the names that there are.
 */
export async function refuseUnknownSchema(
  session: PostgresClient,
  system: string,
  name: string,
): Promise<void> {
  const { rows } = await session.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace
     WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY nspname`,
  );
  const names = rows.map((row) => row.name);
  if (names.includes(name)) return;
  throw usageError(
    `${system}: schema: ${show(name)}`,
    `is the name of a schema that the database does not have; it has ${names.join(", ")}`,
    `Write ./${name} for a file or folder, or correct the name.`,
  );
}
