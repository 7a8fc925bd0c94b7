import { quoteName, quoteText } from "../sql/quote.ts";
import type { SqliteConnection } from "./driver.ts";
import { indexPredicate } from "./index-predicate.ts";

/** Names of everything that we put into a database begin with it. */
export const OURS = "_explore_";

/** A stored column; generated ones are left out, since SQLite computes them again. */
export interface TableColumn {
  readonly name: string;
  /** As declared; empty when no type was. */
  readonly type: string;
  /** The default's SQL text, where a `NULL` may be replaced by it. */
  readonly replacesNull: string | undefined;
}

/** A column of a key, with the collation that decides when two keys are equal. */
export interface KeyColumn {
  readonly name: string;
  readonly collation: string;
  readonly replacesNull: string | undefined;
}

/** A set of columns in which no two rows may be equal. */
export interface UniqueKey {
  readonly columns: readonly KeyColumn[];
  /** Only rows for which it is true count; absent unless the index is partial. */
  readonly predicate: string | undefined;
}

/** A foreign key column. */
export interface Reference {
  /** Position in the foreign key. */
  readonly seq: number;
  readonly from: string;
  readonly table: string;
  /** Absent when the parent's primary key is meant. */
  readonly to: string | null;
}

/** What the catalogue knows about a table. */
export interface Table {
  /** Position in `Catalogue.tables`. */
  readonly id: number;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** A name for the rowid that no column hides; `undefined` for a `WITHOUT ROWID` table. */
  readonly rowid: string | undefined;
  /** Whether a column is the rowid (`INTEGER PRIMARY KEY`). */
  readonly rowidIsColumn: boolean;
  /** Primary key, in key order; empty when there is none. */
  readonly primaryKey: readonly KeyColumn[];
  /** Unique keys beside the rowid. */
  readonly unique: readonly UniqueKey[];
  readonly references: readonly Reference[];
  /** The app's own triggers, oldest first. */
  readonly triggers: readonly { readonly name: string; readonly sql: string }[];
}

/** A database's schema, without what we put there. */
export interface Catalogue {
  readonly tables: readonly Table[];
  /** Whether there is a `sqlite_sequence`, i.e. an `AUTOINCREMENT` table. */
  readonly hasSequence: boolean;
  /** Why rows cannot be logged, one clause each; empty when they can. */
  readonly obstacles: readonly string[];
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

/** Reads the schema of the main database. */
export function readCatalogue(connection: SqliteConnection): Catalogue {
  const schema = schemaRows(connection);
  const obstacles: string[] = [];
  const listed = connection.pragma("main.table_list") as readonly {
    readonly schema: string;
    readonly name: string;
    readonly type: string;
    readonly wr: number;
  }[];
  const withoutRowid = new Set(listed.filter(({ wr }) => wr === 1).map(({ name }) => name));
  const virtual = listed.filter(({ schema, type }) => schema === "main" && type === "virtual");
  for (const { name } of virtual) obstacles.push(`${quoteName(name)} is a virtual table`);
  const virtualNames = new Set(virtual.map(({ name }) => name));
  const tables = schema
    .filter(({ type, name }) => type === "table" && !virtualNames.has(name))
    .map(({ name }, id) =>
      readTable({ connection, schema, obstacles }, name, {
        id,
        withoutRowid: withoutRowid.has(name),
      }),
    );
  const hasSequence =
    connection.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'").get() !==
    undefined;
  return { tables, hasSequence, obstacles };
}

/** The statements that make the schema, oldest first, without ours and SQLite's own. */
export function schemaRows(connection: SqliteConnection): readonly SchemaRow[] {
  return connection
    .prepare(
      `SELECT type, name, tbl_name, sql FROM main.sqlite_schema
       WHERE substr(name, 1, ${OURS.length}) <> ${quoteText(OURS)} AND substr(name, 1, 7) <> 'sqlite_'
       ORDER BY rowid`,
    )
    .all() as SchemaRow[];
}

interface Reading {
  readonly connection: SqliteConnection;
  readonly schema: readonly SchemaRow[];
  readonly obstacles: string[];
}

function readTable(
  reading: Reading,
  name: string,
  { id, withoutRowid }: { readonly id: number; readonly withoutRowid: boolean },
): Table {
  const { connection, schema, obstacles } = reading;
  const all = connection.pragma(`main.table_xinfo(${quoteName(name)})`) as readonly {
    readonly name: string;
    readonly type: string;
    readonly notnull: number;
    readonly dflt_value: string | null;
    readonly hidden: number;
  }[];
  const columns = all.map((column) => ({
    name: column.name,
    type: column.type,
    generated: column.hidden !== 0,
    replacesNull: column.notnull === 1 ? (column.dflt_value ?? undefined) : undefined,
  }));
  const { primaryKey, unique, rowidIsColumn } = readKeys(reading, name, columns);
  const rowid = withoutRowid
    ? undefined
    : rowidName(columns, rowidIsColumn ? primaryKey[0] : undefined);
  if (!withoutRowid && rowid === undefined) {
    obstacles.push(
      `${quoteName(name)} has columns called rowid, _rowid_ and oid, which hide the rowid`,
    );
  }
  if (columns.length > 1900) obstacles.push(`${quoteName(name)} has ${columns.length} columns`);
  return {
    id,
    name,
    columns: columns.filter(({ generated }) => !generated),
    rowid,
    rowidIsColumn: !withoutRowid && rowidIsColumn,
    primaryKey,
    unique,
    references: (
      connection.pragma(`main.foreign_key_list(${quoteName(name)})`) as readonly Reference[]
    ).map(({ seq, from, table, to }) => ({ seq, from, table, to })),
    triggers: schema
      .filter(
        ({ type, tbl_name }) => type === "trigger" && tbl_name.toLowerCase() === name.toLowerCase(),
      )
      .map(({ name, sql }) => ({ name, sql: sql ?? "" })),
  };
}

interface Keys {
  readonly primaryKey: readonly KeyColumn[];
  readonly unique: readonly UniqueKey[];
  readonly rowidIsColumn: boolean;
}

function readKeys(
  { connection, schema, obstacles }: Reading,
  table: string,
  columns: readonly TableColumn[],
): Keys {
  const replacesNull = new Map(columns.map(({ name, replacesNull }) => [name, replacesNull]));
  const indexes = connection.pragma(`main.index_list(${quoteName(table)})`) as readonly {
    readonly name: string;
    readonly unique: number;
    readonly origin: string;
    readonly partial: number;
  }[];
  const unique: UniqueKey[] = [];
  let primaryKey: readonly KeyColumn[] | undefined;
  for (const index of indexes) {
    if (index.unique === 0) continue;
    const keyed = (
      connection.pragma(`main.index_xinfo(${quoteName(index.name)})`) as readonly {
        readonly name: string | null;
        readonly coll: string;
        readonly key: number;
      }[]
    ).filter(({ key }) => key === 1);
    const named = keyed.flatMap(({ name, coll }) =>
      name === null ? [] : [{ name, collation: coll, replacesNull: replacesNull.get(name) }],
    );
    if (named.length < keyed.length) {
      obstacles.push(`the unique index ${quoteName(index.name)} is on an expression`);
      continue;
    }
    const sql = schema.find(({ type, name }) => type === "index" && name === index.name)?.sql ?? "";
    unique.push({
      columns: named,
      predicate: index.partial === 1 ? indexPredicate(sql) : undefined,
    });
    if (index.origin === "pk") primaryKey = named;
  }
  if (primaryKey !== undefined) return { primaryKey, unique, rowidIsColumn: false };
  // A primary key without an index of its own is the rowid.
  const alias = (
    connection.pragma(`main.table_info(${quoteName(table)})`) as readonly {
      readonly name: string;
      readonly pk: number;
    }[]
  ).find(({ pk }) => pk === 1);
  return alias === undefined
    ? { primaryKey: [], unique, rowidIsColumn: false }
    : {
        primaryKey: [{ name: alias.name, collation: "BINARY", replacesNull: undefined }],
        unique,
        rowidIsColumn: true,
      };
}

function rowidName(
  columns: readonly TableColumn[],
  alias: KeyColumn | undefined,
): string | undefined {
  if (alias !== undefined) return alias.name;
  const hidden = new Set(columns.map(({ name }) => name.toLowerCase()));
  return ["rowid", "_rowid_", "oid"].find((name) => !hidden.has(name));
}
