import type { Column } from "../adapter.ts";
import type { ExactValue } from "../sql/rows.ts";
import { encodeValues } from "../sql/rows.ts";
import { nameList, quoteName } from "../sql/quote.ts";
import type { KeyColumn, Table } from "./catalogue.ts";
import type { SqliteConnection } from "./driver.ts";

/** A row's rowid (`null` where there is none) and the values of the stored columns. */
export interface KeyedRow {
  readonly rowid: ExactValue;
  readonly values: readonly ExactValue[];
}

/** Reads a table in the order of its key. Integers are exact. */
export function* readRows(connection: SqliteConnection, table: Table): Generator<KeyedRow> {
  const { name, rowid, columns, primaryKey } = table;
  const key = rowid === undefined ? "NULL" : quoteName(rowid);
  const order =
    rowid === undefined ? nameList(primaryKey.map((column) => column.name)) : quoteName(rowid);
  const list = nameList(columns.map((column) => column.name));
  const rows = connection
    .prepare(`SELECT ${key}, ${list} FROM main.${quoteName(name)} ORDER BY ${order}`)
    .raw()
    .safeIntegers()
    .iterate() as IterableIterator<[ExactValue, ...ExactValue[]]>;
  for (const [first, ...values] of rows) yield { rowid: first, values };
}

/** Makes rows findable: two rows of a table have one key exactly when SQLite says so. */
export function rowKey(table: Table): (row: KeyedRow) => string {
  if (table.rowid !== undefined) return ({ rowid }) => String(rowid);
  const parts = table.primaryKey.map((column) => ({
    index: table.columns.findIndex(({ name }) => name === column.name),
    collate: collator(column),
  }));
  return ({ values }) =>
    encodeValues(parts.map(({ index, collate }) => collate(values[index] ?? null)));
}

/** The built-in collations; a connection of ours knows no other. */
function collator({ collation }: KeyColumn): (value: ExactValue) => ExactValue {
  const text: (value: string) => string =
    collation.toUpperCase() === "NOCASE"
      ? (value) => value.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
      : collation.toUpperCase() === "RTRIM"
        ? (value) => value.replace(/ +$/, "")
        : (value) => value;
  return (value) => {
    if (typeof value === "string") return text(value);
    // 1 and 1.0 are one key.
    return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  };
}

/** What the schema says about a table's columns. */
export function describeColumns(table: Table, tables: readonly Table[]): readonly Column[] {
  const known = described.get(table) ?? description(table, tables);
  described.set(table, known);
  return known;
}

/** A table is described for every difference, and belongs to one catalogue. */
const described = new WeakMap<Table, readonly Column[]>();

function description(table: Table, tables: readonly Table[]): readonly Column[] {
  const [key, ...more] = table.primaryKey;
  return table.columns.map(({ name, type }): Column => {
    const references = referenceOf(table, name, tables);
    const isIdentity = key !== undefined && more.length === 0 && key.name === name;
    return {
      name,
      ...(isIdentity ? { role: "identity" } : /DATE|TIME/i.test(type) ? { role: "time" } : {}),
      ...(references && { references }),
    };
  });
}

function referenceOf(
  table: Table,
  column: string,
  tables: readonly Table[],
): Column["references"] | undefined {
  const reference = table.references.find(({ from }) => isSameName(from, column));
  if (reference === undefined) return undefined;
  const parent = tables.find(({ name }) => isSameName(name, reference.table));
  const to = reference.to ?? parent?.primaryKey[reference.seq]?.name;
  const found = parent?.columns.find(({ name }) => to !== undefined && isSameName(name, to));
  return parent && found && { collection: parent.name, column: found.name };
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
