import type { PostgresClient } from "./driver.ts";
import { RESTORING } from "./undo-log/log-sql.ts";
import type { ModeTarget } from "./mode.ts";
import { requireRights } from "./rights.ts";

/** Texts of values depend on these, and equal values must have equal texts. */
const FORMATS = `SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET timezone = 'UTC';
  SET bytea_output = 'hex'; SET extra_float_digits = 1; SET search_path = pg_catalog; SET standard_conforming_strings = on;
  SET row_security = off`;

/**
 * Statements here are small and the same again and again: plan them once. Logs have no statistics,
 * and a guess that they are large would have the app's tables read as a whole.
 */
const PLANNING =
  "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_mergejoin = off";

/** Milliseconds that one try waits for a lock; tries go on until the limit for quiescence. */
const LOCK_MS = 200;

/**
 * Opens the connection that restores rows: as they were, without checks, triggers or cascades.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` with the rights that the user lacks.
 */
export async function openControl(target: ModeTarget): Promise<PostgresClient> {
  const control = await target.driver.connect(target.database);
  try {
    await control.query(
      `${FORMATS}; ${PLANNING}; SET lock_timeout = ${LOCK_MS}; SET synchronous_commit = off; SET application_name = 'vitest-explore'`,
    );
    await requireRights(control, target);
    // Changing the role throws plans away, so the connection stays in it.
    await control.query(`SET session_replication_role = replica; SET ${RESTORING} = on`);
    return control;
  } catch (cause) {
    await control.end();
    throw cause;
  }
}

/** Opens a connection that only reads. */
export async function openReader(
  { driver }: Pick<ModeTarget, "driver">,
  database: string,
): Promise<PostgresClient> {
  const reader = await driver.connect(database);
  try {
    await reader.query(`${FORMATS}; SET application_name = 'vitest-explore'`);
    return reader;
  } catch (error) {
    await reader.end();
    throw error;
  }
}

/** Runs work in a transaction. */
export async function inTransaction<T>(client: PostgresClient, run: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    const result = await run();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      // The connection is gone; the first error says why.
    });
    throw error;
  }
}
