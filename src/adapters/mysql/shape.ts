import { createHash } from "node:crypto";
import type { Control } from "./control.ts";
import { isForbidden } from "./control.ts";
import type { MysqlClient } from "./driver.ts";
import { readRows } from "./driver.ts";
import { isOurs } from "./catalogue.ts";
import { listAppTriggers } from "./app-triggers.ts";
import { quoteName, quoteText } from "./quote.ts";

/**
 * Statements that change a schema, as the server counts them for all its databases. When none was
 * run since, nothing has to be compared.
 */
const COUNTED = [
  "alter_db",
  "alter_function",
  "alter_procedure",
  "alter_sequence",
  "alter_table",
  "create_db",
  "create_function",
  "create_index",
  "create_procedure",
  "create_sequence",
  "create_table",
  "create_trigger",
  "create_view",
  "drop_db",
  "drop_function",
  "drop_index",
  "drop_procedure",
  "drop_sequence",
  "drop_table",
  "drop_trigger",
  "drop_view",
  "rename_table",
  "truncate",
].map((name) => quoteText(`Com_${name}`));

/** A query of these counts. */
export const SCHEMA_STATEMENTS = `SHOW GLOBAL STATUS WHERE Variable_name IN (${COUNTED.join(", ")})`;

/** Reads the answer: how many there were since the server was started. */
export function countStatements(rows: unknown): number {
  return (rows as readonly { readonly Value: string }[]).reduce(
    (sum, { Value }) => sum + Number(Value),
    0,
  );
}

/** Names of the tables of a database that are the app's. */
async function readTables(client: MysqlClient, database: string): Promise<readonly string[]> {
  const rows = await readRows<{ name: string; kind: string }>(
    client,
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME",
    [database],
  );
  return rows.filter(({ name }) => !isOurs(name)).map(({ name }) => name);
}

/**
 * Describes the schema, one line for each part: tables, columns, keys, constraints, views, triggers
 * and routines.
 */
export async function readShape(control: Control, database: string): Promise<readonly string[]> {
  const { client } = control;
  const names = await readTables(client, database);
  const lines: string[] = [];
  for (const name of names) {
    const sql = `SHOW CREATE TABLE ${quoteName(database)}.${quoteName(name)}`;
    const [row] = await readRows<Record<string, string>>(client, sql);
    lines.push(...describeTable(name, row?.["Create Table"], row?.["Create View"]));
  }
  for (const { name, table, timing, event, text } of await listAppTriggers(control, database)) {
    lines.push(`trigger ${name} ${timing} ${event} ON ${table} ${digest(text)}`);
  }
  const routines = await readRows<{ name: string; kind: string; body: string | null }>(
    client,
    "SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS kind, ROUTINE_DEFINITION AS body FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY ROUTINE_NAME",
    [database],
  );
  lines.push(
    ...routines.map(
      ({ name, kind, body }) => `${kind.toLowerCase()} ${name} ${digest(body ?? "")}`,
    ),
  );
  return lines;
}

function describeTable(
  name: string,
  table: string | undefined,
  view: string | undefined,
): readonly string[] {
  if (table === undefined) return [`view ${name} ${digest(view ?? "")}`];
  const [, ...lines] = table.split("\n");
  const parts = lines.map((line) =>
    // A counter is no part of the schema.
    line
      .trim()
      .replace(/,$/, "")
      .replace(/ AUTO_INCREMENT=\d+/, ""),
  );
  return [`table ${name}`, ...parts.map((line) => `table ${name}: ${line}`)];
}

/**
 * Tells in which storage the tables are: another one after `TRUNCATE`, which no trigger sees, and
 * after a rebuild.
 */
export async function readStorage(control: Control, database: string): Promise<readonly string[]> {
  const { client, isMariaDb } = control;
  const source = isMariaDb ? "INNODB_SYS_TABLES" : "INNODB_TABLES";
  const prefix = `${encodeFileName(database)}/`;
  try {
    const rows = await readRows<{ name: string; id: number }>(
      client,
      `SELECT NAME AS name, TABLE_ID AS id FROM information_schema.${source} WHERE LEFT(NAME, ${prefix.length}) = ? ORDER BY NAME`,
      [prefix],
    );
    return rows
      .map(({ name, id }) => ({ name: name.slice(prefix.length), id }))
      .filter(({ name }) => !/^FTS_/i.test(name) && !isOurs(name))
      .map(({ name, id }) => `contents of ${name}, which TRUNCATE or a rebuild replaces: ${id}`);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const rows = await readRows<{ name: string; made: string | null }>(
      client,
      "SELECT TABLE_NAME AS name, CREATE_TIME AS made FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME",
      [database],
    );
    return rows
      .filter(({ name }) => !isOurs(name))
      .map(({ name, made }) => `contents of ${name}, made at ${made}`);
  }
}

/** InnoDB's name of a database. */
function encodeFileName(name: string): string {
  return name.replaceAll(
    /[^0-9A-Za-z_]/g,
    (letter) => `@${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64").slice(0, 12);
}
