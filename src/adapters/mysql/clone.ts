import { usageError } from "../../errors.ts";
import type { AppTrigger } from "./app-triggers.ts";
import { makeTriggers, readAppTriggers } from "./app-triggers.ts";
import { isOurs, tableName } from "./catalogue.ts";
import type { Control } from "./control.ts";
import { readRows } from "./driver.ts";
import { nameList, quoteName, quoteText } from "./quote.ts";

/** What is copied from, and where to. Both exist on the same server. */
export interface Clone {
  readonly system: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Copies a database into an empty one: tables with their rows and counters, foreign keys, sequences,
 * views, triggers and routines, which become the property of our user. Events are left out, since
 * they would write by the clock.
 *
 * @throws ExploreError `EXPLORE_USAGE` when a view, trigger or routine names its database, since the
 * copy would then write to the original.
 */
export async function cloneDatabase(control: Control, clone: Clone): Promise<void> {
  const { client } = control;
  const { from, to } = clone;
  const rows = await readRows<{ name: string; kind: string }>(
    client,
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME",
    [from],
  );
  const objects = rows.filter(({ name }) => !isOurs(name));
  const views = objects.filter(({ kind }) => kind === "VIEW").map(({ name }) => name);
  const tables = objects.filter(({ kind }) => kind !== "VIEW");
  // In the database that is copied, names are written without it.
  const definitions = await reading(control, from, async () => ({
    tables: await Promise.all(tables.map(({ name }) => showTable(control, name))),
    views: await readViews(control, views),
    routines: await readRoutines(control, clone),
    triggers: await readAppTriggers(control, from),
  }));
  for (const { name, body } of definitions.triggers) refuseOwnName(clone, `trigger ${name}`, body);
  await reading(control, to, async () => {
    for (const sql of definitions.tables) await client.query(sql);
    for (const { name, kind } of tables) await copyRows(control, clone, { name, kind });
    for (const sql of definitions.routines) await client.query(sql);
    await createViews(control, clone, definitions.views);
    await makeTriggers(control, to, await asOurs(control, definitions.triggers));
  });
}

/** Runs in a database, without checks of foreign keys, whose order would matter. */
async function reading<T>(
  { client }: Control,
  database: string,
  run: () => Promise<T>,
): Promise<T> {
  await client.query(`USE ${quoteName(database)}; SET foreign_key_checks = 0`);
  return run();
}

async function showTable({ client }: Control, name: string): Promise<string> {
  const sql = `SHOW CREATE TABLE ${quoteName(name)}`;
  const [row] = await readRows<Record<string, string>>(client, sql);
  return row?.["Create Table"] ?? "";
}

/** A statement that makes something again, and the order of letters that its texts have. */
interface Made {
  readonly name: string;
  readonly sql: string;
  readonly collation: string | undefined;
}

async function readViews({ client }: Control, names: readonly string[]): Promise<readonly Made[]> {
  const views: Made[] = [];
  for (const name of names) {
    const sql = `SHOW CREATE VIEW ${quoteName(name)}`;
    const [row] = await readRows<Record<string, string>>(client, sql);
    const text = withoutDefiner(row?.["Create View"] ?? "");
    views.push({ name, sql: text, collation: row?.["collation_connection"] });
  }
  return views;
}

async function copyRows(
  { client }: Control,
  { from, to }: Clone,
  { name, kind }: { readonly name: string; readonly kind: string },
): Promise<void> {
  const [source, target] = [tableName(from, name), tableName(to, name)];
  if (kind === "SEQUENCE") {
    await client.query(`INSERT INTO ${target} SELECT * FROM ${source}`);
    return;
  }
  const columns = await readRows<{ name: string }>(
    client,
    `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
     AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION`,
    [from, name],
  );
  const list = nameList(columns.map((column) => column.name));
  if (list === "") return;
  await client.query(`INSERT INTO ${target}(${list}) SELECT ${list} FROM ${source}`);
}

const DEFINER = /\sDEFINER\s*=\s*(`(?:[^`]|``)*`|\S+?)@(`(?:[^`]|``)*`|\S+)/i;

function withoutDefiner(sql: string): string {
  return sql.replace(DEFINER, "");
}

async function readRoutines(control: Control, clone: Clone): Promise<readonly string[]> {
  const { client } = control;
  const routines = await readRows<{ name: string; kind: "FUNCTION" | "PROCEDURE" }>(
    client,
    `SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS kind FROM information_schema.ROUTINES
     WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') ORDER BY ROUTINE_TYPE, ROUTINE_NAME`,
    [clone.from],
  );
  const statements: string[] = [];
  for (const { name, kind } of routines) {
    const [row] = await readRows<Record<string, string | null>>(
      client,
      `SHOW CREATE ${kind} ${quoteName(name)}`,
    );
    const text = row?.[kind === "FUNCTION" ? "Create Function" : "Create Procedure"];
    if (typeof text !== "string") throw unreadable(clone, `${kind.toLowerCase()} ${name}`);
    refuseOwnName(clone, `${kind.toLowerCase()} ${name}`, text);
    statements.push(
      `${collating(row?.["collation_connection"])}SET sql_mode = ${quoteText(row?.["sql_mode"] ?? "")}; ${withoutDefiner(text)}`,
    );
  }
  return statements.length === 0
    ? []
    : [...statements, "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"];
}

/** Views may be made of other views, so those that cannot be made yet are tried again. */
async function createViews(
  { client }: Control,
  clone: Clone,
  views: readonly Made[],
): Promise<void> {
  for (const { name, sql } of views) refuseOwnName(clone, `view ${name}`, sql);
  for (let left = views; left.length > 0;) {
    const failed: Made[] = [];
    let problem: unknown;
    for (const view of left) {
      try {
        await client.query(`${collating(view.collation)}${view.sql}`);
      } catch (error) {
        failed.push(view);
        problem ??= error;
      }
    }
    if (failed.length === left.length) throw problem;
    left = failed;
  }
}

function collating(collation: string | null | undefined): string {
  return typeof collation === "string"
    ? `SET collation_connection = ${quoteText(collation)}; `
    : "";
}

async function asOurs(
  { client }: Control,
  triggers: readonly AppTrigger[],
): Promise<readonly AppTrigger[]> {
  const [row] = await readRows<{ user: string }>(client, "SELECT CURRENT_USER() AS user");
  return triggers.map((trigger) => ({ ...trigger, definer: row?.user ?? trigger.definer }));
}

function refuseOwnName({ system, from }: Clone, what: string, text: string): void {
  const name = from.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const named = new RegExp(`(^|[^\\w$\`.])(\`${name}\`|${name})\\s*\\.\\s*[\`\\w$]`, "i");
  if (!named.test(text)) return;
  throw usageError(
    `${system}: the ${what}`,
    `names its database ${from}, so that its copy would write to the original`,
    "Write the names of its tables without the database.",
  );
}

function unreadable({ system }: Clone, what: string): Error {
  return usageError(
    `${system}: the ${what}`,
    "cannot be copied, since the user may not read it",
    "Let a superuser grant SHOW_ROUTINE (MySQL) or SELECT ON mysql.proc (MariaDB), or make it the user's own.",
  );
}
