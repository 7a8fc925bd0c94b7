import type { Diff } from "../adapter.ts";
import type { Content, RawRow, TableContent } from "../sql/content-diff.ts";
import { compareContents } from "../sql/content-diff.ts";
import { quoteName } from "../sql/quote.ts";
import { collectionName, describeColumns, ownRows, readCatalogue } from "./catalogue.ts";
import type { PostgresClient } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";
import { foreignShapeSql } from "./shape.ts";
import { valueParser } from "./values.ts";

/** Compares every row of two databases: the cost follows their size. */
export async function diffWith(
  target: ModeTarget,
  then: PostgresClient,
  now: PostgresClient,
): Promise<Diff> {
  return compareContents(await readAll(then, target), await readAll(now, target));
}

async function readAll(
  client: PostgresClient,
  { schemas, driver }: ModeTarget,
): Promise<Content<string>> {
  const { tables: catalogue } = await readCatalogue(client, schemas);
  const tables = new Map<string, TableContent<string>>();
  for (const table of catalogue) {
    const list = table.columns.map(({ name }) => `${quoteName(name)}::text AS ${quoteName(name)}`);
    const key = (table.key.length > 0 ? table.key : table.columns.map(({ name }) => name)).map(
      quoteName,
    );
    const order = table.key.length > 0 ? key.map((name) => `t.${name}`) : ["(t.*)::text"];
    const sql = `SELECT ${list.join(", ")} FROM ${ownRows(table)} AS t${order.length > 0 ? ` ORDER BY ${order.join(", ")}` : ""}`;
    tables.set(collectionName(table), {
      columns: describeColumns(table, catalogue).map((column, i) => ({
        column,
        parse: valueParser(driver, table.columns[i]?.type ?? 0),
      })),
      key: table.key,
      rows: (await client.query<RawRow<string>>(sql)).rows,
    });
  }
  const shape = await client.query<{ line: string }>(foreignShapeSql(schemas));
  return { tables, shape: shape.rows.map(({ line }) => line) };
}
