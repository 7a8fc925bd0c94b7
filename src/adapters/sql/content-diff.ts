import type { CollectionDiff, Column, Diff, RowChange, Value } from "../adapter.ts";
import { without } from "./attempt.ts";

/** A row by the names of its columns, as the server wrote the values: texts or bytes. */
export type RawRow<Raw> = Readonly<Record<string, Raw | null>>;

/** A table and all its rows. */
export interface TableContent<Raw> {
  readonly columns: readonly { readonly column: Column; readonly parse: (raw: Raw) => Value }[];
  /** Names of the columns that tell rows apart; empty when there are none. */
  readonly key: readonly string[];
  readonly rows: readonly RawRow<Raw>[];
}

/** All that is in a database. */
export interface Content<Raw> {
  readonly tables: ReadonlyMap<string, TableContent<Raw>>;
  /** The schema, a line for each thing in it. */
  readonly shape: readonly string[];
}

/** Compares every row of two databases, which need not have the same tables. */
export function compareContents<Raw>(was: Content<Raw>, is: Content<Raw>): Diff {
  const names = [...new Set([...was.tables.keys(), ...is.tables.keys()])].toSorted();
  const changes = [
    ...without(was.shape, is.shape).map((line) => ({ before: [line] })),
    ...without(is.shape, was.shape).map((line) => ({ after: [line] })),
  ];
  const schema =
    changes.length === 0 ? [] : [{ collection: "(schema)", columns: [{ name: "line" }], changes }];
  const rows = names.flatMap((name) =>
    compareTables(name, was.tables.get(name), is.tables.get(name)),
  );
  return [...schema, ...rows];
}

function compareTables<Raw>(
  collection: string,
  was: TableContent<Raw> | undefined,
  is: TableContent<Raw> | undefined,
): readonly CollectionDiff[] {
  const columns = columnsOf([is, was].flatMap((side) => side?.columns ?? []));
  const key = (is ?? was)?.key ?? [];
  const [before, after] = [byKey(was, key), byKey(is, key)];
  const read = (row: RawRow<Raw>): NonNullable<RowChange["after"]> =>
    columns.map(({ column, parse }) => {
      const raw = row[column.name] ?? null;
      return raw === null ? null : parse(raw);
    });
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((id): RowChange[] => {
    const [old, current] = [before.get(id), after.get(id)];
    if (JSON.stringify(old) === JSON.stringify(current)) return [];
    return [{ ...(old && { before: read(old) }), ...(current && { after: read(current) }) }];
  });
  return changes.length === 0
    ? []
    : [{ collection, columns: columns.map(({ column }) => column), changes }];
}

/** Each column once, the first of a name. */
function columnsOf<Known extends { readonly column: Column }>(
  known: readonly Known[],
): readonly Known[] {
  return known.filter(
    ({ column }, i) => known.findIndex((other) => other.column.name === column.name) === i,
  );
}

/** Rows by key; equal rows of a table without one are numbered. */
function byKey<Raw>(
  table: TableContent<Raw> | undefined,
  key: readonly string[],
): ReadonlyMap<string, RawRow<Raw>> {
  const found = new Map<string, RawRow<Raw>>();
  for (const row of table?.rows ?? []) {
    const values = key.length > 0 ? key.map((name) => row[name]) : Object.values(row);
    const text = JSON.stringify(values);
    let nth = 0;
    while (found.has(`${text}${nth}`)) nth += 1;
    found.set(`${text}${nth}`, row);
  }
  return found;
}
