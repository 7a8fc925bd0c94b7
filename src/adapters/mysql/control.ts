import type { MysqlClient } from "./driver.ts";
import { errorNumber, readRows } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";
import { OFF } from "./undo-log/log-sql.ts";

/** What differs between the servers of this family. */
export interface Flavour {
  readonly isMariaDb: boolean;
  /** As the server writes it, e.g. `10.11.19-MariaDB`. */
  readonly version: string;
}

/** A connection of ours, and what it is connected to. */
export interface Control extends Flavour {
  readonly client: MysqlClient;
}

/**
 * Texts of values depend on the time zone, and what may be stored on the mode. `REPEATABLE READ`
 * locks the end of a log as well, so that nobody writes to it meanwhile.
 */
const SETTINGS = [
  "sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'",
  "time_zone = '+00:00'",
  "autocommit = 1",
  "sql_safe_updates = 0",
  "unique_checks = 1",
  // No statement of ours waits long: it is tried again until the limit for quiescence.
  "innodb_lock_wait_timeout = 1",
  "lock_wait_timeout = 1",
  "SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
] as const;
const MARIADB = ["check_constraint_checks = 0", "max_statement_time = 0"] as const;
const MYSQL = ["max_execution_time = 0", "information_schema_stats_expiry = 0"] as const;

/** Opens a connection that reads values exactly and whose statements may be several at once. */
export async function openReader(
  { driver }: Pick<ModeTarget, "driver">,
  database: string | undefined,
): Promise<Control> {
  const client = await driver.connect(database, { multipleStatements: true, dateStrings: true });
  try {
    const flavour = await readFlavour(client);
    const settings = [...SETTINGS, ...(flavour.isMariaDb ? MARIADB : MYSQL)];
    await client.query(settings.map((setting) => `SET ${setting}`).join("; "));
    return { client, ...flavour };
  } catch (cause) {
    await close(client);
    throw cause;
  }
}

/** Opens the connection that restores rows: as they were, without checks, triggers or cascades. */
export async function openControl(target: ModeTarget): Promise<Control> {
  const control = await openReader(target, target.database);
  await control.client.query(`SET foreign_key_checks = 0; SET ${OFF} = 1`);
  return control;
}

async function readFlavour(client: MysqlClient): Promise<Flavour> {
  const [row] = await readRows<{ version: string }>(client, "SELECT VERSION() AS version");
  const version = row?.version ?? "";
  return { version, isMariaDb: /mariadb/i.test(version) };
}

/**
 * Runs statements of ours in a session of the app's: values are written as everywhere, and what is
 * logged is not checked again.
 */
export async function asOurs<T>(session: MysqlClient, run: () => Promise<T>): Promise<T> {
  await session.query(
    `SET @explore_mode = @@sql_mode, @explore_zone = @@time_zone; SET ${SETTINGS[0]}, ${SETTINGS[1]}`,
  );
  try {
    return await run();
  } finally {
    await session.query("SET sql_mode = @explore_mode, time_zone = @explore_zone").catch(() => {
      // The connection is gone; the first error says why.
    });
  }
}

/** Ends a connection; one that is gone has ended already. */
export async function close(client: MysqlClient): Promise<void> {
  await client.end().catch(() => client.destroy());
}

/** Lock wait timeout, deadlock, lock not available, record changed since it was read. */
const BLOCKED = new Set([1205, 1213, 3572, 1020]);

/** Tells the errors of statements that met a lock, and that may be tried again. */
export function isBlocked(error: unknown): boolean {
  return BLOCKED.has(errorNumber(error));
}

/** Access denied: to a database, for a user, to a table, a privilege, a routine; `log_bin` is on. */
const FORBIDDEN = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1419, 1410]);

/** Tells the errors of what the user may not do. */
export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.has(errorNumber(error));
}
