import type { Diff, RowChange } from "../adapter.ts";
import { quoteName } from "../sql/quote.ts";
import type { Table } from "./catalogue.ts";
import { collectionName, describeColumns, ownRows, readCatalogue } from "./catalogue.ts";
import type { PostgresClient } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";
import { foreignShapeSql } from "./shape.ts";
import { valueParser } from "./values.ts";

interface Content {
  readonly tables: ReadonlyMap<string, { readonly table: Table; readonly all: readonly Table[] }>;
  readonly rows: ReadonlyMap<string, readonly Readonly<Record<string, string | null>>[]>;
  readonly shape: readonly string[];
}

/** Compares every row of two databases: the cost follows their size. */
export async function diffWith(
  target: ModeTarget,
  then: PostgresClient,
  now: PostgresClient,
): Promise<Diff> {
  const [was, is] = [await readAll(then, target), await readAll(now, target)];
  const names = [...new Set([...was.tables.keys(), ...is.tables.keys()])].toSorted();
  const changes = [
    ...without(was.shape, is.shape).map((line) => ({ before: [line] })),
    ...without(is.shape, was.shape).map((line) => ({ after: [line] })),
  ];
  const schema =
    changes.length === 0 ? [] : [{ collection: "(schema)", columns: [{ name: "line" }], changes }];
  return [...schema, ...names.flatMap((name) => diffTable(target, name, { was, is }))];
}

function without(all: readonly string[], other: readonly string[]): readonly string[] {
  return all.filter((line) => !other.includes(line));
}

async function readAll(client: PostgresClient, { schemas }: ModeTarget): Promise<Content> {
  const { tables } = await readCatalogue(client, schemas);
  const rows = new Map<string, readonly Record<string, string | null>[]>();
  for (const table of tables) {
    const list = table.columns.map(({ name }) => `${quoteName(name)}::text AS ${quoteName(name)}`);
    const key = (table.key.length > 0 ? table.key : table.columns.map(({ name }) => name)).map(
      quoteName,
    );
    const order = table.key.length > 0 ? key.map((name) => `t.${name}`) : ["(t.*)::text"];
    const sql = `SELECT ${list.join(", ")} FROM ${ownRows(table)} AS t${order.length > 0 ? ` ORDER BY ${order.join(", ")}` : ""}`;
    rows.set(collectionName(table), (await client.query<Record<string, string | null>>(sql)).rows);
  }
  const shape = await client.query<{ line: string }>(foreignShapeSql(schemas));
  return {
    tables: new Map(tables.map((table) => [collectionName(table), { table, all: tables }])),
    rows,
    shape: shape.rows.map(({ line }) => line),
  };
}

function diffTable(
  { driver }: ModeTarget,
  name: string,
  { was, is }: { readonly was: Content; readonly is: Content },
): Diff {
  const sides = [is.tables.get(name), was.tables.get(name)].filter((side) => side !== undefined);
  const known = sides.flatMap(({ table, all }) =>
    describeColumns(table, all).map((column, i) => ({
      column,
      parse: valueParser(driver, table.columns[i]?.type ?? 0),
    })),
  );
  const columns = known.filter(
    ({ column }, i) => known.findIndex((other) => other.column.name === column.name) === i,
  );
  const key = sides[0]?.table.key ?? [];
  const before = byKey(was.rows.get(name) ?? [], key);
  const after = byKey(is.rows.get(name) ?? [], key);
  const read = (row: Readonly<Record<string, string | null>>): NonNullable<RowChange["after"]> =>
    columns.map(({ column, parse }) => {
      const text = row[column.name] ?? null;
      return text === null ? null : parse(text);
    });
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((id): RowChange[] => {
    const [old, current] = [before.get(id), after.get(id)];
    if (JSON.stringify(old) === JSON.stringify(current)) return [];
    return [{ ...(old && { before: read(old) }), ...(current && { after: read(current) }) }];
  });
  return changes.length === 0
    ? []
    : [{ collection: name, columns: columns.map(({ column }) => column), changes }];
}

/** Rows by key; equal rows of a table without one are numbered. */
function byKey<Row extends Readonly<Record<string, string | null>>>(
  rows: readonly Row[],
  key: readonly string[],
): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const values = key.length > 0 ? key.map((name) => row[name]) : Object.values(row);
    const text = JSON.stringify(values);
    let nth = 0;
    while (found.has(`${text}${nth}`)) nth += 1;
    found.set(`${text}${nth}`, row);
  }
  return found;
}
