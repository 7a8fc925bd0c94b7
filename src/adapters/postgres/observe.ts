import { createHash } from "node:crypto";
import type { Observation } from "../adapter.ts";
import type { Catalogue, Table } from "./catalogue.ts";
import { collectionName, ownRows, readCatalogue } from "./catalogue.ts";
import { quoteText } from "../sql/quote.ts";
import type { Driver, PostgresClient } from "./driver.ts";
import { prepared } from "./driver.ts";
import { foreignShapeSql } from "./shape.ts";
import { tellTexts } from "../sql/tell-texts.ts";
import { valueParser } from "./values.ts";

interface ObserveRequest {
  readonly client: PostgresClient;
  readonly driver: Driver;
  readonly schemas: readonly string[] | undefined;
}

/**
 * Reads the whole content, sequences and schema included, without a look at the log. A table's digest
 * is a sum over its rows, so it does not depend on their order.
 *
 * @param onText - Called with every text in a row.
 */
export async function observeDatabase(
  { client, driver, schemas }: ObserveRequest,
  onText?: (text: string) => void,
): Promise<Observation> {
  const catalogue = await readCatalogue(client, schemas);
  const digests = await client.query<{ name: string; size: string; digest: string }>(
    prepared(catalogue.tables.length === 0 ? "SELECT WHERE false" : digestSql(catalogue)),
  );
  if (onText !== undefined) {
    for (const table of catalogue.tables) await tellRows({ client, driver, table }, onText);
  }
  const shape = await client.query<{ line: string }>(prepared(foreignShapeSql(schemas)));
  const counters = await client.query<{ line: string }>(prepared(countersSql(catalogue)));
  const objects = await client.query<{ line: string }>(LARGE_OBJECTS);
  return {
    ...Object.fromEntries(
      digests.rows.map(({ name, size, digest }) => [name, { size: Number(size), digest }]),
    ),
    ...(objects.rows.length > 0 && {
      "(large objects)": digestLines(objects.rows.map(({ line }) => line)),
    }),
    "(sequences)": digestLines(counters.rows.map(({ line }) => line)),
    "(schema)": digestLines(shape.rows.map(({ line }) => line)),
  };
}

/** No trigger sees them and no log knows them; where there are any, a change shall be noticed. */
const LARGE_OBJECTS =
  "SELECT concat(oid, ' ', CASE WHEN has_table_privilege('pg_largeobject', 'SELECT') THEN md5(lo_get(oid)) END) AS line FROM pg_largeobject_metadata ORDER BY oid";

/** Two sums with different seeds: rows that collide in one differ in the other. */
const DIGEST = [0, 1]
  .map((seed) => `coalesce(sum(hashtextextended(line, ${seed})), 0)`)
  .join(" || '/' || ");

function digestSql({ tables }: Catalogue): string {
  return tables
    .map(
      (table) =>
        // OFFSET keeps the planner from writing each row as text once for each seed.
        `SELECT ${quoteText(collectionName(table))} AS name, count(*) AS size, ${DIGEST} AS digest
         FROM (SELECT (t.*)::text AS line FROM ${ownRows(table)} AS t OFFSET 0) AS r`,
    )
    .join(" UNION ALL ");
}

function countersSql({ sequences }: Catalogue): string {
  if (sequences.length === 0) return "SELECT WHERE false";
  return sequences
    .map(
      (name) =>
        `SELECT concat(${quoteText(name)}, ' ', last_value, ' ', is_called) AS line FROM ${name}`,
    )
    .join(" UNION ALL ");
}

async function tellRows(
  { client, driver, table }: Omit<ObserveRequest, "schemas"> & { readonly table: Table },
  onText: (text: string) => void,
): Promise<void> {
  if (table.columns.length === 0) return;
  const parse = table.columns.map(({ type }) => valueParser(driver, type));
  const texts = table.columns.map((_, i) => `(r).c${i}::text`);
  const names = table.columns.map(({ name }, i) => `"${name.replaceAll('"', '""')}" AS c${i}`);
  const { rows } = await client.query<{ row: (string | null)[] }>(
    `SELECT ARRAY[${texts.join(", ")}] AS row FROM (SELECT ${names.join(", ")} FROM ${ownRows(table)}) AS r`,
  );
  for (const { row } of rows) {
    for (const [i, text] of row.entries()) if (text !== null) tellTexts(parse[i]?.(text), onText);
  }
}

function digestLines(lines: readonly string[]): Observation[string] {
  const digest = createHash("sha256").update(lines.join("\n")).digest("base64");
  return { size: lines.length, digest };
}
