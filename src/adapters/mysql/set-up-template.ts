import { newName, templateName } from "../sql/database-names.ts";
import type { TemplateServer } from "../sql/templates.ts";
import { LOCK_MARGIN_MS, setUpLocked } from "../sql/templates.ts";
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
  await lock(admin, request, template, options.migrateTimeoutMs + LOCK_MARGIN_MS);
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

/** The server, as the keeping of templates needs it. */
export function templateServer(admin: Control): TemplateServer {
  return {
    list: () => listDatabases(admin),
    drop: (database) => dropDatabase(admin, database),
    tryLock: (template) => getLock(admin, template, 0),
    unlock: (template) => unlock(admin, template),
    isForbidden,
  };
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
  limitMs: number,
): Promise<void> {
  if (await getLock(admin, template, Math.ceil(limitMs / 1000))) return;
  throw setUpLocked(system, template, { waitedMs: limitMs });
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
