import { ExploreError } from "../../../errors.ts";
import { dropOwnTriggers, guardTriggers, readAppTriggers } from "../app-triggers.ts";
import type { Catalogue, Table } from "../catalogue.ts";
import { readCatalogue } from "../catalogue.ts";
import type { Control } from "../control.ts";
import { isForbidden } from "../control.ts";
import { errorNumber, readRows } from "../driver.ts";
import { refuseEngines } from "../engines.ts";
import { ownGiven, rememberGiven, uninstallGiven } from "./given-state.ts";
import { addHiddenKey, createLog, logTriggers, TOO_MANY_CASCADES } from "./log-sql.ts";
import type { ModeTarget } from "../mode.ts";
import { quoteName } from "../quote.ts";

/** A log that was installed. */
export interface Installation {
  readonly catalogue: Catalogue;
  /** From now on a run that is killed is undone by the next, back to a position. */
  readonly wasMarked: (place: string) => Promise<void>;
  /** Leaves the user's own database as it was found; one of ours is dropped as a whole. */
  readonly uninstall: (control: Control) => Promise<void>;
}

/**
 * Installs the log: its tables, and triggers on the app's tables.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when triggers may not be made, or cannot log
 * what happens to a table; `EXPLORE_DATABASE_LOCKED` when another run works in the user's database.
 */
export async function installLog(target: ModeTarget, control: Control): Promise<Installation> {
  const { database, space, isGiven } = target;
  const { client } = control;
  // What another run has installed is not ours to remove.
  if (isGiven) await ownGiven(target, control);
  try {
    if (!isGiven) {
      // Another isolation may have been tried before.
      await dropOwnTriggers(control, database);
      await client.query(
        `DROP DATABASE IF EXISTS ${quoteName(space.database)}; CREATE DATABASE ${quoteName(space.database)} CHARACTER SET utf8mb4`,
      );
    }
    const found = await readCatalogue(control, database);
    refuseEngines(target.system, "undo", found.tables);
    const triggers = await readAppTriggers(control, database);
    const keyless = found.tables.filter(({ key }) => key.length === 0);
    const state = isGiven ? await rememberGiven(target, control, { triggers, keyless }) : undefined;
    for (const table of keyless) {
      for (const sql of addHiddenKey(space, table)) await client.query(sql);
    }
    await guardTriggers(control, database, triggers);
    const catalogue = await readCatalogue(control, database);
    for (const table of catalogue.tables) await installTable(target, control, { table, catalogue });
    return {
      catalogue,
      wasMarked: async (place) => state?.wasMarked(catalogue.tables, place),
      uninstall: async (remover) => {
        if (isGiven) await uninstallGiven(target, remover);
      },
    };
  } catch (cause) {
    if (isGiven) {
      await uninstallGiven(target, control).catch(() => {
        // The first error says why; the next run tries again.
      });
    }
    throw isForbidden(cause) ? await cannotInstall(target, control, cause) : cause;
  }
}

async function installTable(
  { system, space }: ModeTarget,
  { client }: Control,
  { table, catalogue }: { readonly table: Table; readonly catalogue: Catalogue },
): Promise<void> {
  const triggers = logTriggers(space, table, catalogue);
  if (triggers === undefined)
    throw unavailable(system, `table ${table.name}: ${TOO_MANY_CASCADES}`);
  for (const sql of createLog(space, table)) {
    await client.query(sql).catch((cause: unknown) => {
      // The row is as long as a row may be, and a log has columns of its own.
      if (errorNumber(cause) !== 1118) throw cause;
      throw unavailable(system, `table ${table.name}: its rows are too long to be logged`, cause);
    });
  }
  for (const { sql } of triggers) await client.query(sql);
}

function unavailable(system: string, reason: string, cause?: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "undo" cannot be used.\n  reason: ${reason}\n` +
      'Set `isolation: "copy"`, which copies all tables at every checkpoint.',
    { cause, details: { system, isolation: "undo", reason } },
  );
}

async function cannotInstall(
  { system, database }: ModeTarget,
  { client }: Control,
  cause: unknown,
): Promise<ExploreError> {
  const [row] = await readRows<{ user: string }>(client, "SELECT CURRENT_USER() AS user");
  const reason = cause instanceof Error ? cause.message : String(cause);
  const cure =
    errorNumber(cause) === 1419
      ? "Let a superuser run: SET GLOBAL log_bin_trust_function_creators = 1;"
      : `Let a superuser run: GRANT ALL ON ${quoteName(database)}.* TO ${account(row?.user ?? "")};`;
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "undo" cannot be used, because the user may not make triggers or tables.\n` +
      `  user:   ${row?.user ?? "(unknown)"}\n  reason: ${reason}\n${cure}\n` +
      'Or set `isolation: "copy"`, which needs no triggers.',
    { cause, details: { system, isolation: "undo", reason } },
  );
}

/** Writes a user as statements name it. */
export function account(user: string): string {
  const at = user.lastIndexOf("@");
  return `'${user.slice(0, at)}'@'${user.slice(at + 1)}'`;
}
