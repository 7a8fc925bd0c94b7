import type { Diff, Row, RowChange } from "../adapter.ts";
import type { Table } from "./catalogue.ts";
import { describeColumns, HIDDEN_KEY } from "./catalogue.ts";
import type { ParseValue } from "./values.ts";
import { valueParser } from "./values.ts";

/** What `changes` of a table answered: `had`, whether the row exists, values then, values now. */
export interface TouchedRows {
  readonly table: number;
  readonly rows: readonly (readonly (Buffer | null)[])[];
}

/** Makes touched rows a difference. */
export type ToDiff = (touched: readonly TouchedRows[]) => Diff;

export function diffReader(tables: readonly Table[]): ToDiff {
  const readers = new Map<number, TableReader>();
  return (touched) =>
    touched
      .flatMap(({ table: id, rows }) => {
        const table = tables[id];
        if (table === undefined) return [];
        const read = readers.get(id) ?? tableReader(table);
        readers.set(id, read);
        const changes = rows.flatMap((row) => read(row) ?? []);
        if (changes.length === 0) return [];
        return [{ collection: table.name, columns: describeColumns(table), changes }];
      })
      .toSorted((a, b) => (a.collection < b.collection ? -1 : 1));
}

type TableReader = (row: readonly (Buffer | null)[]) => RowChange | undefined;

function tableReader({ columns }: Table): TableReader {
  const shown = columns
    .map(({ name, kind }, at) => ({ name, at, parse: valueParser(kind) }))
    .filter(({ name }) => name !== HIDDEN_KEY);
  return ([had, exists, ...values]) => {
    const was = isTrue(had) ? values.slice(0, columns.length) : undefined;
    const is = isTrue(exists) ? values.slice(columns.length) : undefined;
    // Rows are logged when they may change.
    if (was === undefined && is === undefined) return undefined;
    if (was !== undefined && is !== undefined && was.every((value, i) => isEqual(value, is[i]))) {
      return undefined;
    }
    return {
      ...(was && { before: readRow(shown, was) }),
      ...(is && { after: readRow(shown, is) }),
    };
  };
}

function isTrue(value: Buffer | null | undefined): boolean {
  return value?.toString() === "1";
}

function isEqual(a: Buffer | null, b: Buffer | null | undefined): boolean {
  return a === null || b === null || b === undefined ? a === b : a.equals(b);
}

function readRow(
  shown: readonly { readonly at: number; readonly parse: ParseValue }[],
  values: readonly (Buffer | null)[],
): Row {
  return shown.map(({ at, parse }) => {
    const bytes = values[at] ?? null;
    return bytes === null ? null : parse(bytes);
  });
}
