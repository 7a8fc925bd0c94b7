import { ExploreError } from "../../errors.ts";
import type { Control } from "./control.ts";
import { isForbidden } from "./control.ts";
import { readRows } from "./driver.ts";
import { OFF } from "./undo-log/log-sql.ts";
import { quoteName, quoteText } from "./quote.ts";

/** A trigger of the app's, as the server describes it. */
export interface AppTrigger {
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
  readonly body: string;
  readonly sqlMode: string;
  readonly definer: string;
  readonly collation: string;
}

const PROBE = "explore_bi_0_probe";
const OURS = /^explore_(bi|ai|bu|au|bd|ad)_\d+(_probe)?$/;

/** Names of our triggers in a database. */
export async function listOwnTriggers(
  { client }: Pick<Control, "client">,
  database: string,
): Promise<readonly string[]> {
  const rows = await readRows<{ name: string }>(
    client,
    "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY TRIGGER_NAME",
    [database],
  );
  return rows.map(({ name }) => name).filter((name) => OURS.test(name));
}

/** Drops our triggers. */
export async function dropOwnTriggers(
  control: Pick<Control, "client">,
  database: string,
): Promise<void> {
  for (const name of await listOwnTriggers(control, database)) {
    await control.client.query(`DROP TRIGGER IF EXISTS ${quoteName(database)}.${quoteName(name)}`);
  }
}

/** A trigger as the server lists it. */
export type ListedTrigger = Omit<AppTrigger, "body"> & { readonly text: string };

/** Lists the app's triggers, in the order in which they fire. */
export async function listAppTriggers(
  { client }: Pick<Control, "client">,
  database: string,
): Promise<readonly ListedTrigger[]> {
  const rows = await readRows<ListedTrigger>(
    client,
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\`, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
       ACTION_STATEMENT AS text, SQL_MODE AS sqlMode, DEFINER AS definer, COLLATION_CONNECTION AS collation
     FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    [database],
  );
  return rows.filter(({ name }) => !OURS.test(name));
}

/** Reads the app's triggers, in the order in which they fire. */
export async function readAppTriggers(
  control: Pick<Control, "client">,
  database: string,
): Promise<readonly AppTrigger[]> {
  const triggers: AppTrigger[] = [];
  for (const { text, ...listed } of await listAppTriggers(control, database)) {
    const [row] = await readRows<Record<string, string>>(
      control.client,
      `SHOW CREATE TRIGGER ${quoteName(database)}.${quoteName(listed.name)}`,
    );
    triggers.push({
      ...listed,
      body: (bodyOf(row?.["SQL Original Statement"]) ?? text).replace(/[\s;]+$/, ""),
    });
  }
  return triggers;
}

/** MySQL's list spoils names with backquotes in them, so the body is taken from the statement. */
function bodyOf(statement: string | undefined): string | undefined {
  return /\bFOR\s+EACH\s+ROW\b\s*(?:(?:FOLLOWS|PRECEDES)\s+(?:`(?:[^`]|``)+`|\S+)\s+)?([\s\S]*)$/i.exec(
    statement ?? "",
  )?.[1];
}

/**
 * Makes triggers again so that they do not fire for what we write: a session cannot switch triggers
 * off, and a rollback must not set off what the app does about new rows.
 */
export async function guardTriggers(
  control: Control,
  database: string,
  triggers: readonly AppTrigger[],
): Promise<void> {
  const guarded = triggers.map((trigger) => ({
    ...trigger,
    body: `IF ${OFF} IS NULL THEN\n${trigger.body}\n; END IF`,
  }));
  await makeTriggers(control, database, guarded);
}

/** Makes triggers again, in their order, as they are given. */
export async function makeTriggers(
  { client }: Pick<Control, "client">,
  database: string,
  triggers: readonly AppTrigger[],
): Promise<void> {
  if (triggers.length === 0) return;
  const [before] = await readRows<{ mode: string; collation: string }>(
    client,
    "SELECT @@sql_mode AS mode, @@collation_connection AS collation",
  );
  try {
    // Whoever may make one under another name may make it again: none is lost half-way.
    for (const trigger of triggers) {
      await makeTrigger(client, database, { ...trigger, name: PROBE });
      await client.query(`DROP TRIGGER ${quoteName(database)}.${PROBE}`);
    }
    for (const { name } of triggers) {
      await client.query(`DROP TRIGGER IF EXISTS ${quoteName(database)}.${quoteName(name)}`);
    }
    for (const trigger of triggers) await makeTrigger(client, database, trigger);
  } finally {
    await client.query(
      `SET sql_mode = ${quoteText(before?.mode ?? "")}; SET collation_connection = ${quoteText(before?.collation ?? "")}`,
    );
  }
}

async function makeTrigger(
  client: Control["client"],
  database: string,
  trigger: AppTrigger,
): Promise<void> {
  const { name, table, timing, event, body, sqlMode, definer, collation } = trigger;
  await client.query(
    `SET sql_mode = ${quoteText(sqlMode)}; SET collation_connection = ${quoteText(collation)}`,
  );
  const at = definer.lastIndexOf("@");
  const by = `${quoteName(definer.slice(0, at))}@${quoteName(definer.slice(at + 1))}`;
  try {
    await client.query(
      `CREATE DEFINER = ${by} TRIGGER ${quoteName(database)}.${quoteName(name)} ${timing} ${event} ON ${quoteName(database)}.${quoteName(table)} FOR EACH ROW ${body}`,
    );
  } catch (cause) {
    throw isForbidden(cause) ? cannotMake(trigger, cause) : cause;
  }
}

function cannotMake({ name, definer }: AppTrigger, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `the trigger ${name} of ${definer} cannot be made to stand still during a rollback: ${cause instanceof Error ? cause.message : String(cause)}\n` +
      "Let a superuser grant the right to make triggers of others (SET USER in MariaDB, SET_ANY_DEFINER in MySQL).",
    { cause, details: { trigger: name, definer } },
  );
}
