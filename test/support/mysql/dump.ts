import type { Connection } from "mysql2/promise";
import type { Dump } from "../sql/walk.ts";

/** Under which name a dump has the counters. */
export const COUNTERS = "(counters)";

interface Field {
  readonly of: string;
  readonly name: string;
  readonly kind: string;
}

/** Reads a database row for row, by our own code as little as possible. */
export async function readDump(client: Connection): Promise<Dump> {
  const [fields] = (await client.query(
    `SELECT c.TABLE_NAME AS \`of\`, c.COLUMN_NAME AS name, c.DATA_TYPE AS kind FROM information_schema.COLUMNS c
     JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
     WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND c.COLUMN_NAME <> 'explore_row' AND c.TABLE_NAME NOT LIKE 'explore%'
     ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
  )) as unknown as [readonly Field[]];
  const dump: Record<string, readonly string[]> = {};
  const counters: string[] = [];
  for (const name of new Set(fields.map(({ of }) => of))) {
    const columns = fields.filter(({ of }) => of === name).map(toHex);
    const [rows] = (await client.query(
      `SELECT CONCAT_WS(',', ${columns.join(", ")}) AS line FROM ${quote(name)}`,
    )) as unknown as [readonly { readonly line: string }[]];
    dump[name] = rows.map(({ line }) => line).toSorted();
    counters.push(...(await readCounter(client, name)));
  }
  return { ...dump, [COUNTERS]: counters };
}

/** A counter that is not above the largest value is not the server's own doing. */
async function readCounter(client: Connection, name: string): Promise<readonly string[]> {
  const [[made]] = (await client.query(`SHOW CREATE TABLE ${quote(name)}`)) as unknown as [
    readonly Record<string, string>[],
  ];
  const text = made?.["Create Table"] ?? "";
  if (!/ AUTO_INCREMENT/.test(text)) return [];
  const next = / AUTO_INCREMENT=(\d+)/.exec(text)?.[1] ?? "1";
  const [[row]] = (await client.query(
    `SELECT COALESCE(MAX(id), 0) AS top FROM ${quote(name)}`,
  )) as unknown as [readonly { readonly top: number }[]];
  return [Number(row?.top) >= Number(next) ? `${name} below` : `${name} ${next}`];
}

function toHex({ name, kind }: Field): string {
  const column = quote(name);
  const value =
    kind === "float"
      ? `CAST(${column} AS DOUBLE)`
      : kind === "json"
        ? `CAST(${column} AS CHAR)`
        : column;
  return `COALESCE(HEX(CAST(${value} AS BINARY)), 'null')`;
}

function quote(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
