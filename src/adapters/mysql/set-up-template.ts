import { ExploreError } from "../../errors.ts";
import { isCopyOf, isTemplate, newName, templateName } from "../sql/database-names.ts";
import type { SetUp } from "../sql/set-up.ts";
import { urlOf, variablesOf } from "./address.ts";
import { cloneDatabase } from "./clone.ts";
import type { Control } from "./control.ts";
import { close, isForbidden } from "./control.ts";
import type { PlaceRequest } from "./databases.ts";
import { createDatabase, dropDatabase, listDatabases } from "./databases.ts";
import type { MysqlClient } from "./driver.ts";
import { errorNumber, readRows } from "./driver.ts";
import { quoteName } from "./quote.ts";
import { splitScript } from "./script.ts";

/** How much longer than a migration somebody else's set-up is waited for, in seconds. */
const LOCK_MARGIN_S = 60;

/** A table that says that a template is complete. */
const READY = "explore_ready";

/**
 * Makes a copy of the database that a set-up leads to. The first who needs it sets it up; everybody
 * else on this server copies it.
 *
 * @returns The copy's name.
 */
export async function copySetUp(
  admin: Control,
  request: PlaceRequest,
  setUp: SetUp<MysqlClient>,
): Promise<string> {
  const { system, address, options } = request;
  const template = templateName(`${address.user ?? ""} ${setUp.key}`);
  const copy = newName(template);
  await lock(admin, request, template, Math.ceil(options.migrateTimeoutMs / 1000) + LOCK_MARGIN_S);
  try {
    if (!(await isReady(admin, template))) await make(admin, request, template, setUp);
    await createDatabase(admin, copy, template);
    await cloneDatabase(admin, { system, from: template, to: copy });
    return copy;
  } catch (error) {
    await dropDatabase(admin, copy).catch(() => {
      // The first error says why; the next run drops it.
    });
    throw error;
  } finally {
    await unlock(admin, template);
  }
}

/**
 * Drops templates that no copy is left of.
 *
 * @param keep - So many of them stay.
 */
export async function dropTemplates(admin: Control, keep: number): Promise<void> {
  const names = await listDatabases(admin);
  const isUnused = (template: string): boolean => !names.some((name) => isCopyOf(name, template));
  const unused = names.filter((name) => isTemplate(name) && isUnused(name));
  for (const template of unused.slice(0, Math.max(unused.length - keep, 0))) {
    // Who holds it is about to make a copy.
    if (!(await getLock(admin, template, 0))) continue;
    try {
      const now = await listDatabases(admin);
      if (!now.some((name) => isCopyOf(name, template))) await dropDatabase(admin, template);
    } catch (error) {
      // Another user's.
      if (!isForbidden(error)) throw error;
    } finally {
      await unlock(admin, template);
    }
  }
}

async function isReady({ client }: Control, template: string): Promise<boolean> {
  const rows = await readRows(
    client,
    "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
    [template, READY],
  );
  return rows.length > 0;
}

// oxlint-disable-next-line max-params -- the connection, the request, what is made and how
async function make(
  admin: Control,
  { driver, address }: PlaceRequest,
  template: string,
  setUp: SetUp<MysqlClient>,
): Promise<void> {
  // A run that was killed may have left one half-way.
  await dropDatabase(admin, template);
  await createDatabase(admin, template);
  try {
    const client = await driver.connect(template, { multipleStatements: true });
    try {
      await setUp.run({
        url: urlOf(address, template),
        client,
        variables: variablesOf(address, template),
        runSql: async (sql) => {
          for (const part of splitScript(sql)) await client.query(part);
        },
        refusalOf: (error) =>
          errorNumber(error) > 0 && error instanceof Error ? error.message : undefined,
      });
    } finally {
      await close(client);
    }
    await admin.client.query(`CREATE TABLE ${quoteName(template)}.${READY} (id INT PRIMARY KEY)`);
  } catch (error) {
    await dropDatabase(admin, template).catch(() => {
      // The first error says why; the next run makes it again.
    });
    throw error;
  }
}

// oxlint-disable-next-line max-params -- the connection, the request, what is locked and how long
async function lock(
  admin: Control,
  { system }: PlaceRequest,
  template: string,
  seconds: number,
): Promise<void> {
  if (await getLock(admin, template, seconds)) return;
  throw new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: another worker has been setting the same database up for ${seconds} s.\n` +
      "See what its migration waits for, or raise `migrateTimeoutMs`.",
    { details: { system, template, seconds } },
  );
}

async function getLock({ client }: Control, name: string, seconds: number): Promise<boolean> {
  const [row] = await readRows<{ got: number | null }>(client, "SELECT GET_LOCK(?, ?) AS got", [
    name,
    seconds,
  ]);
  return row?.got === 1;
}

async function unlock({ client }: Control, name: string): Promise<void> {
  await client.query("SELECT RELEASE_LOCK(?)", [name]).catch(() => {
    // The end of the connection frees it.
  });
}
