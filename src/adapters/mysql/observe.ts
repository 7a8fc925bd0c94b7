import { createHash } from "node:crypto";
import type { Observation } from "../adapter.ts";
import { tellTexts } from "../sql/tell-texts.ts";
import type { Catalogue, Table, TableColumn } from "./catalogue.ts";
import { readCatalogue, shownColumns, tableName } from "./catalogue.ts";
import type { Control } from "./control.ts";
import { counterSql } from "./counters.ts";
import { queryAll } from "./driver.ts";
import { nameList, quoteName } from "./quote.ts";
import { readShape } from "./shape.ts";
import { asBytes, valueParser } from "./values.ts";

interface ObserveRequest {
  readonly control: Control;
  readonly database: string;
  /** Whether counters are put back, and so belong to the content. */
  readonly withCounters: boolean;
}

/**
 * Reads the whole content, schema included, without a look at the log. A table's digest is a sum over
 * its rows, so it does not depend on their order.
 *
 * @param onText - Called with every text in a row.
 */
export async function observeDatabase(
  { control, database, withCounters }: ObserveRequest,
  onText?: (text: string) => void,
): Promise<Observation> {
  const catalogue = await readCatalogue(control, database);
  const { tables } = catalogue;
  const digests = await queryAll(
    control.client,
    tables.map((table) => digestSql(database, table)),
  );
  if (onText !== undefined) {
    for (const table of tables)
      await tellRows(control, tableName(database, table.name), { table, onText });
  }
  const shape = await readShape(control, database);
  return {
    ...Object.fromEntries(tables.map(({ name }, i) => [name, toDigest(digests[i])])),
    ...(withCounters && {
      "(counters)": digestLines(await readCounters(control, database, catalogue)),
    }),
    "(schema)": digestLines(shape),
  };
}

async function readCounters(
  { client }: Control,
  database: string,
  catalogue: Catalogue,
): Promise<readonly string[]> {
  const { read, parse } = counterSql(database, catalogue);
  const answers = await queryAll(
    client,
    read.map(({ sql }) => sql),
  );
  return Object.entries(parse(answers)).map((entry) => entry.join(" "));
}

function digestSql(database: string, table: Table): string {
  const line = `CONCAT(${["''", ...shownColumns(table).map(exactBytes)].join(", ")})`;
  // Two sums of other digits: rows that collide in one differ in the other.
  const sums = [1, 16].map(
    (from) => `COALESCE(SUM(CAST(CONV(SUBSTR(digest, ${from}, 15), 16, 10) AS UNSIGNED)), 0)`,
  );
  return `SELECT COUNT(*) AS size, CONCAT(${sums.join(", '/', ")}) AS digest FROM (SELECT SHA2(${line}, 256) AS digest FROM ${tableName(database, table.name)}) AS t`;
}

const LONG = /text|blob|json|vector|geometry|point|linestring|polygon|geomcollection/;

/** A value, told apart from all others and from what follows it; long ones by their digest. */
function exactBytes({ name, kind }: TableColumn): string {
  const column = quoteName(name);
  const text =
    kind === "float"
      ? `CAST(${column} AS DOUBLE)`
      : kind === "json"
        ? `CAST(${column} AS CHAR CHARACTER SET utf8mb4)`
        : column;
  const bytes = LONG.test(kind) ? `SHA2(${text}, 256)` : `HEX(CAST(${text} AS BINARY))`;
  return `COALESCE(CONCAT(${bytes}, ','), 'n')`;
}

function toDigest(rows: unknown): Observation[string] {
  const [row] = rows as readonly { readonly size: number | string; readonly digest: string }[];
  return { size: Number(row?.size), digest: String(row?.digest) };
}

async function tellRows(
  { client }: Control,
  name: string,
  { table, onText }: { readonly table: Table; readonly onText: (text: string) => void },
): Promise<void> {
  const columns = shownColumns(table);
  if (columns.length === 0) return;
  const parse = columns.map(({ kind }) => valueParser(kind));
  const [rows] = (await client.query({
    sql: `SELECT ${nameList(columns.map((column) => column.name))} FROM ${name}`,
    rowsAsArray: true,
    typeCast: asBytes,
  })) as [readonly (readonly (Buffer | null)[])[], unknown];
  for (const row of rows) {
    for (const [i, bytes] of row.entries())
      if (bytes !== null) tellTexts(parse[i]?.(bytes), onText);
  }
}

function digestLines(lines: readonly string[]): Observation[string] {
  const digest = createHash("sha256").update(lines.join("\n")).digest("base64");
  return { size: lines.length, digest };
}
