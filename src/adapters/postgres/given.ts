import { ExploreError } from "../../errors.ts";
import { inUse } from "../sql/in-use.ts";
import { TEST_MARK } from "../test-mark.ts";
import { OURS } from "./catalogue.ts";
import { openControl } from "./control.ts";
import type { Driver, PostgresClient } from "./driver.ts";
import { isBroken, UNINSTALL } from "./undo-log/engine.ts";
import type { ModeTarget } from "./mode.ts";
import { untilQuiet } from "./quiescence.ts";

/**
 * Whether the user's own database may be worked in without having been named a test database: it is
 * empty, or bears the mark in any schema.
 */
export async function isUsableGiven(driver: Driver, database: string): Promise<boolean> {
  const client = await driver.connect(database);
  try {
    const { rows } = await client.query<{ usable: boolean }>(
      `SELECT coalesce(bool_or(c.relname = '${TEST_MARK}'), true) AS usable
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', '${OURS}')
         AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`,
    );
    return rows[0]?.usable === true;
  } finally {
    await client.end();
  }
}

/**
 * Makes sure that nobody else works in the user's database as long as the connection is open, and
 * undoes what a run that was killed has left there.
 */
export async function claimGiven(client: PostgresClient, target: ModeTarget): Promise<void> {
  const { rows } = await client.query<{ isOurs: boolean; isLeft: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('vitest-explore')) AS "isOurs", to_regclass('${OURS}.base') IS NOT NULL AS "isLeft"`,
  );
  if (rows[0]?.isOurs !== true) throw inUse(target);
  if (rows[0].isLeft) await releaseGiven(target);
}

/** Puts the user's own database back and removes what is ours, if anything is. */
export async function releaseGiven(target: ModeTarget): Promise<void> {
  const control = await openControl(target);
  try {
    const { rows } = await control.query<{ isLeft: boolean }>(
      `SELECT to_regclass('${OURS}.base') IS NOT NULL AS "isLeft"`,
    );
    if (rows[0]?.isLeft === true) await putBack(control, target);
  } finally {
    await control.end();
  }
}

async function putBack(control: PostgresClient, target: ModeTarget): Promise<void> {
  try {
    await untilQuiet(target, "put back what a killed run left", async () => {
      const { rows } = await control.query<{ problem: string | null }>(
        `SELECT t.problem FROM ${OURS}.base AS b, ${OURS}.travel(b.place, '{}', ${OURS}.schema_version(), b.last, b.called) AS t`,
      );
      const problem = rows[0]?.problem ?? null;
      return problem === null ? true : { open: JSON.parse(problem) as [] };
    });
  } catch (cause) {
    throw isBroken(cause) ? cannotPutBack(target, cause) : cause;
  }
  await control.query(UNINSTALL);
}

function cannotPutBack({ system, database }: ModeTarget, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_SCHEMA_CHANGED",
    `${system}: a run that was killed cannot be undone, since the schema has changed since.\n` +
      `  database: ${database}\n  reason:   ${cause instanceof Error ? cause.message : String(cause)}\n` +
      `Put the schema back and run again; or keep the rows as they are: DROP SCHEMA ${OURS} CASCADE.`,
    { cause, details: { system, database } },
  );
}
