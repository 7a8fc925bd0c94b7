import { quoteName, quoteText } from "../sql/quote.ts";
import type { SetUp } from "../sql/set-up.ts";
import { urlOf, variablesOf } from "./address.ts";
import type { PlaceRequest } from "./databases.ts";
import { dropDatabase } from "./databases.ts";
import type { PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import { newName, PREFIX } from "../sql/database-names.ts";
import type { TemplateServer } from "../sql/templates.ts";
import { LOCK_MARGIN_MS, setUpLocked } from "../sql/templates.ts";
import { untilQuiet } from "./quiescence.ts";

/** A set-up and the copy that is wanted of it, which must be named after its template. */
export interface SetUpCopy {
  readonly setUp: SetUp<PostgresClient>;
  readonly template: string;
  readonly copy: string;
}

/**
 * Makes a copy of the database that a set-up leads to. The first who needs it sets it up; everybody
 * else on this server copies it.
 *
 * @param admin - A connection to the database that all runs choose for this: locks belong to one.
 */
export async function copySetUp(
  admin: PostgresClient,
  request: PlaceRequest,
  { setUp, template, copy }: SetUpCopy,
): Promise<void> {
  const { options } = request;
  await lock(admin, request, template, options.migrateTimeoutMs + LOCK_MARGIN_MS);
  try {
    if (!(await databases(admin)).includes(template)) await make(admin, request, template, setUp);
    await copyQuietly(admin, request, { from: template, to: copy });
  } finally {
    await unlock(admin, template);
  }
}

/** The server, as the keeping of templates needs it. */
export function templateServer(admin: PostgresClient): TemplateServer {
  return {
    list: () => databases(admin),
    drop: (database) => dropDatabase(admin, database),
    tryLock: (template) => tryLock(admin, template),
    unlock: (template) => unlock(admin, template),
    isForbidden: (error) => sqlState(error) === "42501",
  };
}

/** Databases of ours, oldest first. */
async function databases(admin: PostgresClient): Promise<readonly string[]> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE starts_with(datname, ${quoteText(PREFIX)}) ORDER BY oid`,
  );
  return rows.map(({ datname }) => datname);
}

// oxlint-disable-next-line max-params -- the connection, the request, what is made and how
async function make(
  admin: PostgresClient,
  request: PlaceRequest,
  template: string,
  setUp: SetUp<PostgresClient>,
): Promise<void> {
  const { driver, address } = request;
  // Under the name of this run until it is done, so that nobody copies one that was left half-way.
  const database = newName();
  await admin.query(`CREATE DATABASE ${quoteName(database)} TEMPLATE template0`);
  try {
    const client = await driver.connect(database);
    try {
      await setUp.run({
        url: urlOf(address, database),
        client,
        variables: variablesOf(address, database),
        runSql: async (sql) => void (await client.query(sql)),
        refusalOf,
      });
    } finally {
      await client.end();
    }
    await endConnections(admin, request, database);
    await untilQuiet({ ...request, database, ...request.options }, "finish the set-up", () =>
      admin.query(`ALTER DATABASE ${quoteName(database)} RENAME TO ${quoteName(template)}`),
    );
  } catch (error) {
    await dropDatabase(admin, database).catch(() => {
      // The first error says why; the next run drops it.
    });
    throw error;
  }
}

/** Whatever the migration has left open. */
async function endConnections(
  admin: PostgresClient,
  { system, options }: PlaceRequest,
  database: string,
): Promise<void> {
  await untilQuiet({ system, database, ...options }, "finish the set-up", async () => {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${quoteText(database)}`,
    );
    return rows.length === 0 ? true : { open: [] };
  });
}

async function copyQuietly(
  admin: PostgresClient,
  { system, options }: PlaceRequest,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const sql = `CREATE DATABASE ${quoteName(to)} TEMPLATE ${quoteName(from)}`;
  await untilQuiet({ system, database: from, ...options }, "copy the set-up", () =>
    admin.query(sql),
  );
}

function lockOf(template: string): string {
  return `hashtext('vitest-explore'), hashtext(${quoteText(template)})`;
}

// oxlint-disable-next-line max-params -- the connection, the request, what is locked and how long
async function lock(
  admin: PostgresClient,
  { system }: PlaceRequest,
  template: string,
  limitMs: number,
): Promise<void> {
  try {
    await admin.query(`SET lock_timeout = ${limitMs}`);
    await admin.query(`SELECT pg_advisory_lock(${lockOf(template)})`);
  } catch (cause) {
    if (sqlState(cause) !== "55P03") throw cause;
    throw setUpLocked(system, template, { waitedMs: limitMs, cause });
  } finally {
    await admin.query("SET lock_timeout = 0");
  }
}

async function tryLock(admin: PostgresClient, template: string): Promise<boolean> {
  const { rows } = await admin.query<{ got: boolean }>(
    `SELECT pg_try_advisory_lock(${lockOf(template)}) AS got`,
  );
  return rows[0]?.got === true;
}

async function unlock(admin: PostgresClient, template: string): Promise<void> {
  await admin.query(`SELECT pg_advisory_unlock(${lockOf(template)})`);
}

/** What the server says against a statement, with the line. */
function refusalOf(error: unknown, sql: string): string | undefined {
  if (sqlState(error) === "" || !(error instanceof Error)) return undefined;
  const position = "position" in error ? Number(error.position) : Number.NaN;
  const line = Number.isNaN(position) ? "" : ` (line ${sql.slice(0, position).split("\n").length})`;
  return error.message + line;
}
