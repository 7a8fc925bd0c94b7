import type { Diff, Row, RowChange } from "../adapter.ts";
import type { Table } from "./catalogue.ts";
import { collectionName, describeColumns } from "./catalogue.ts";
import type { Driver } from "./driver.ts";
import type { ParseValue } from "./values.ts";
import { valueParser } from "./values.ts";

/** A changed row: its table's id and its values as texts, `null` for no row. */
export interface ChangedRow {
  readonly of_table: number;
  readonly was: readonly (string | null)[] | null;
  readonly is_now: readonly (string | null)[] | null;
}

/** Makes rows of texts a difference. */
export type ToDiff = (rows: readonly ChangedRow[]) => Diff;

export function diffReader(driver: Driver, tables: readonly Table[]): ToDiff {
  const parsers = new Map<number, readonly ParseValue[]>();

  function parsersOf(table: Table): readonly ParseValue[] {
    const known = parsers.get(table.id);
    const made = known ?? table.columns.map(({ type }) => valueParser(driver, type));
    parsers.set(table.id, made);
    return made;
  }

  return (rows) => {
    const byTable = new Map<number, ChangedRow[]>();
    for (const row of rows) {
      const known = byTable.get(row.of_table);
      if (known === undefined) byTable.set(row.of_table, [row]);
      else known.push(row);
    }
    const diff = [...byTable].flatMap(([id, changed]) => {
      const table = tables[id];
      if (table === undefined) return [];
      const parse = parsersOf(table);
      const changes = changed.map(({ was, is_now }) => rowChange(parse, was, is_now));
      return [
        { collection: collectionName(table), columns: describeColumns(table, tables), changes },
      ];
    });
    return diff.toSorted((a, b) => (a.collection < b.collection ? -1 : 1));
  };
}

function rowChange(
  parse: readonly ParseValue[],
  was: ChangedRow["was"],
  is: ChangedRow["is_now"],
): RowChange {
  return {
    ...(was && { before: readRow(parse, was) }),
    ...(is && { after: readRow(parse, is) }),
  };
}

function readRow(parse: readonly ParseValue[], texts: readonly (string | null)[]): Row {
  return texts.map((text, i) => (text === null ? null : (parse[i]?.(text) ?? text)));
}
