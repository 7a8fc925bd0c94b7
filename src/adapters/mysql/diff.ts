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
        const changes = read(rows);
        if (changes.length === 0) return [];
        return [{ collection: table.name, columns: describeColumns(table), changes }];
      })
      .toSorted((a, b) => (a.collection < b.collection ? -1 : 1));
}

type Bytes = readonly (Buffer | null)[];
type TableReader = (rows: readonly Bytes[]) => readonly RowChange[];

interface Version {
  readonly was: Bytes | undefined;
  readonly is: Bytes | undefined;
}

function tableReader({ columns, key }: Table): TableReader {
  const shown = columns.map(({ name, kind }, at) => ({ name, at, parse: valueParser(kind) }));
  const isHidden = key[0] === HIDDEN_KEY;
  const kept = shown.filter(({ name }) => name !== HIDDEN_KEY);
  const read = (values: Bytes): Row => readRow(kept, values);
  return (rows) => {
    const versions = rows.map(([had, exists, ...values]) => ({
      was: isTrue(had) ? values.slice(0, columns.length) : undefined,
      is: isTrue(exists) ? values.slice(columns.length) : undefined,
    }));
    const changed = isHidden
      ? withoutPairs(versions, (row) => textOf(kept.map(({ at }) => row[at] ?? null)))
      : versions.filter(({ was, is }) => (was && textOf(was)) !== (is && textOf(is)));
    return changed.map(({ was, is }) => ({
      ...(was && { before: read(was) }),
      ...(is && { after: read(is) }),
    }));
  };
}

/**
 * Without a key of the app's own a row is what is in it: one that went and one that came cancel each
 * other out when they are equal.
 */
function withoutPairs(
  versions: readonly Version[],
  toText: (row: Bytes) => string,
): readonly Version[] {
  const byText = new Map<string, { readonly row: Bytes; count: number }>();
  const add = (row: Bytes | undefined, by: number): void => {
    if (row === undefined) return;
    const text = toText(row);
    const known = byText.get(text) ?? { row, count: 0 };
    known.count += by;
    byText.set(text, known);
  };
  for (const { was, is } of versions) {
    add(was, -1);
    add(is, 1);
  }
  return [...byText]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { row, count }]) =>
      Array.from({ length: Math.abs(count) }, () =>
        count < 0 ? { was: row, is: undefined } : { was: undefined, is: row },
      ),
    );
}

/** Equal rows, and only they, have equal texts. */
function textOf(row: Bytes): string {
  return row.map((value) => (value === null ? "n" : value.toString("hex"))).join();
}

function isTrue(value: Buffer | null | undefined): boolean {
  return value?.toString() === "1";
}

function readRow(
  shown: readonly { readonly at: number; readonly parse: ParseValue }[],
  values: Bytes,
): Row {
  return shown.map(({ at, parse }) => {
    const bytes = values[at] ?? null;
    return bytes === null ? null : parse(bytes);
  });
}
