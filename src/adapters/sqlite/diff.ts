import { ExploreError } from "../../errors.ts";
import type { CollectionDiff, Column, Diff, RowChange } from "../adapter.ts";
import type { ExactValue } from "../sql/rows.ts";
import { encodeValues, plainValue } from "../sql/rows.ts";
import type { Catalogue, Table } from "./catalogue.ts";
import { readCatalogue, schemaRows } from "./catalogue.ts";
import type { Header } from "./counters.ts";
import { headerReader } from "./counters.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";
import type { Epoch, Node } from "./history.ts";
import { wayFromBase } from "./history.ts";
import type { UndoLog } from "./undo-log.ts";
import { describeColumns, readRows, rowKey } from "./tables.ts";

/** A checkpoint to compare the current state with. */
export interface DiffRequest {
  readonly system: string;
  /** Sees the current state; inside a transaction. */
  readonly connection: SqliteConnection;
  readonly open: OpenConnection;
  readonly epoch: Epoch;
  readonly node: Node;
  /** Whether the epoch's log holds everything written since. */
  readonly isLogged: boolean;
}

/** The net difference between a checkpoint and the current state. */
export function diffSince(request: DiffRequest): Diff {
  const { connection, epoch, node, isLogged } = request;
  const header = diffHeader(node.counters, headerReader(connection)());
  const rows =
    isLogged && epoch.log !== undefined && node.position !== undefined
      ? diffLogged(epoch.log, node.position)
      : diffWhole(request, readCatalogue(connection));
  return [...header, ...rows].toSorted((a, b) => (a.collection < b.collection ? -1 : 1));
}

function diffLogged(log: UndoLog, position: number): Diff {
  return log.changes(position).flatMap(({ table, rows }) =>
    collectionDiff(
      table.name,
      describeColumns(table, log.tables),
      rows.flatMap(({ before, after }) => rowChange(before, after)),
    ),
  );
}

function diffHeader(before: Header, after: Header): Diff {
  const isSame =
    before.userVersion === after.userVersion && before.applicationId === after.applicationId;
  if (isSame) return [];
  return collectionDiff(
    "PRAGMA",
    [{ name: "user_version" }, { name: "application_id" }],
    [{ before: headerRow(before), after: headerRow(after) }],
  );
}

function headerRow({ userVersion, applicationId }: Header): readonly number[] {
  return [userVersion, applicationId];
}

/** Compares every table with the checkpoint's image: after a schema change, or without a log. */
function diffWhole({ system, connection, open, epoch, node }: DiffRequest, now: Catalogue): Diff {
  if (epoch.image === undefined) throw imageMissing(system);
  const image = open(epoch.image.file, { fileMustExist: true });
  try {
    const names = new Set([...epoch.catalogue.tables, ...now.tables].map(({ name }) => name));
    const tables = [...names].flatMap((name) => {
      const was = epoch.catalogue.tables.find((table) => table.name === name);
      const is = now.tables.find((table) => table.name === name);
      return diffTable(
        name,
        was && {
          table: was,
          tables: epoch.catalogue.tables,
          rows: rowsAt(image, was, { epoch, node }),
        },
        is && { table: is, tables: now.tables, rows: rowsNow(connection, is) },
      );
    });
    return [...diffSchema(schemaRows(image), schemaRows(connection)), ...tables];
  } finally {
    image.close();
  }
}

type Rows = ReadonlyMap<string, readonly ExactValue[]>;

interface Side {
  readonly table: Table;
  readonly tables: readonly Table[];
  readonly rows: Rows;
}

function diffTable(name: string, was: Side | undefined, is: Side | undefined): Diff {
  const columns = new Map<string, Column>();
  for (const side of [is, was]) {
    if (side === undefined) continue;
    for (const column of describeColumns(side.table, side.tables)) {
      if (!columns.has(column.name)) columns.set(column.name, column);
    }
  }
  const cells = (side: Side | undefined, key: string): readonly ExactValue[] | undefined => {
    const row = side?.rows.get(key);
    if (side === undefined || row === undefined) return undefined;
    const index = new Map(side.table.columns.map((column, i) => [column.name, i]));
    return [...columns.keys()].map((column) => row[index.get(column) ?? -1] ?? null);
  };
  const keys = new Set([...(was?.rows.keys() ?? []), ...(is?.rows.keys() ?? [])]);
  const changes = [...keys]
    .toSorted(byKey)
    .flatMap((key) => rowChange(cells(was, key), cells(is, key)));
  return collectionDiff(name, [...columns.values()], changes);
}

/** Rowids are ordered as numbers. */
function byKey(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return a < b ? -1 : a === b ? 0 : 1;
}

function rowsNow(connection: SqliteConnection, table: Table): Map<string, readonly ExactValue[]> {
  const key = rowKey(table);
  const rows = new Map<string, readonly ExactValue[]>();
  for (const row of readRows(connection, table)) rows.set(key(row), row.values);
  return rows;
}

/** The image holds the epoch's base; the ways to the checkpoint lead on from there. */
function rowsAt(
  image: SqliteConnection,
  table: Table,
  { epoch, node }: Pick<DiffRequest, "epoch" | "node">,
): Rows {
  const rows = rowsNow(image, table);
  const key = rowKey(table);
  for (const { id, tables } of wayFromBase(node)) {
    if (!tables.includes(table.id)) continue;
    for (const row of epoch.log?.kept(id, table) ?? []) {
      if (row.exists) rows.set(key(row), row.values);
      else rows.delete(key(row));
    }
  }
  return rows;
}

type SchemaRows = ReturnType<typeof schemaRows>;

function diffSchema(before: SchemaRows, after: SchemaRows): Diff {
  const index = (rows: SchemaRows): Map<string, readonly ExactValue[]> =>
    new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, [type, name, sql]]));
  const [was, is] = [index(before), index(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  return collectionDiff(
    "sqlite_schema",
    [{ name: "type" }, { name: "name" }, { name: "sql" }],
    names.flatMap((name) => rowChange(was.get(name), is.get(name))),
  );
}

function rowChange(
  before: readonly ExactValue[] | undefined,
  after: readonly ExactValue[] | undefined,
): readonly RowChange[] {
  if (before === undefined && after === undefined) return [];
  if (before && after && encodeValues(before) === encodeValues(after)) return [];
  return [
    {
      ...(before && { before: before.map(plainValue) }),
      ...(after && { after: after.map(plainValue) }),
    },
  ];
}

function collectionDiff(
  collection: string,
  columns: readonly Column[],
  changes: readonly RowChange[],
): readonly CollectionDiff[] {
  return changes.length === 0 ? [] : [{ collection, columns, changes }];
}

function imageMissing(system: string): ExploreError {
  return new ExploreError(
    "EXPLORE_SCHEMA_CHANGED",
    `${system}: cannot tell what has changed, since an action changed the schema and the database is too large to keep a copy of it.\n` +
      'Leave out the action, or set `isolation: "backup"`, which copies the database at every checkpoint.',
    { details: { system } },
  );
}
