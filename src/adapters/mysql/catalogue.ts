import type { Column } from "../adapter.ts";
import { quoteName } from "./quote.ts";
import type { Control } from "./control.ts";
import type { MysqlClient } from "./driver.ts";
import { readRows } from "./driver.ts";

/** A stored column; generated ones are left out, since the server computes them again. */
export interface TableColumn {
  readonly name: string;
  /** The kind of type, e.g. `varchar`. `json` also where MariaDB says `longtext`. */
  readonly kind: string;
  /** The whole type, with character set and collation. */
  readonly type: string;
  /** The server makes its values. */
  readonly isCounted: boolean;
  readonly default: string | null;
  readonly references: { readonly table: string; readonly column: string } | undefined;
}

/** What the catalogue knows about a table. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly engine: string;
  readonly isTransactional: boolean;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  /** Columns by which a row is found; empty when no index tells rows apart. */
  readonly key: readonly string[];
  readonly isVersioned: boolean;
}

/** A foreign key. */
export interface ForeignKey {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** What a database holds that is rolled back. */
export interface Catalogue {
  readonly tables: readonly Table[];
  readonly foreignKeys: readonly ForeignKey[];
  /** What is there and cannot be rolled back, one noun phrase each. */
  readonly notRestored: readonly string[];
}

/** The column that tells the rows of a table without a key apart. */
export const HIDDEN_KEY = "explore_row";

/** What we put into a database that is not ours. */
const OURS =
  /^explore_(fresh|log|way)_\d+$|^explore_state$|^explore_test_database$|^explore_ready$/;

/** Whether a table is not part of what is explored. */
export function isOurs(table: string): boolean {
  return OURS.test(table);
}

const TRANSACTIONAL = new Set(["innodb", "rocksdb"]);

interface TableRow {
  readonly name: string;
  readonly kind: string;
  readonly engine: string | null;
}

interface ColumnRow {
  readonly of: string;
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly extra: string;
  readonly default: string | null;
  readonly expression: string | null;
  readonly nullable: string;
}

interface IndexRow {
  readonly of: string;
  readonly name: string;
  readonly column: string | null;
  readonly prefix: number | string | null;
}

interface ReferenceRow {
  readonly of: string;
  readonly name: string;
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** Reads the tables of a database. */
export async function readCatalogue(control: Control, database: string): Promise<Catalogue> {
  const { client } = control;
  const read = <Row>(sql: string): Promise<readonly Row[]> =>
    readRows<Row>(client, sql, [database]);
  const tableRows = await read<TableRow>(
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS kind, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME",
  );
  const columns = await read<ColumnRow>(
    `SELECT TABLE_NAME AS \`of\`, COLUMN_NAME AS name, DATA_TYPE AS kind, COLUMN_TYPE AS type, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation,
       EXTRA AS extra, COLUMN_DEFAULT AS \`default\`, GENERATION_EXPRESSION AS expression, IS_NULLABLE AS nullable
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  const indexes = await read<IndexRow>(
    `SELECT TABLE_NAME AS \`of\`, INDEX_NAME AS name, COLUMN_NAME AS \`column\`, SUB_PART AS prefix
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  const foreignKeys = toForeignKeys(
    await read<ReferenceRow>(
      `SELECT k.TABLE_NAME AS \`of\`, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS \`column\`, k.REFERENCED_TABLE_NAME AS parent,
         k.REFERENCED_COLUMN_NAME AS parentColumn, r.DELETE_RULE AS onDelete, r.UPDATE_RULE AS onUpdate
       FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
         ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
       WHERE k.TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_SCHEMA = k.TABLE_SCHEMA ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
    ),
  );
  const jsons = control.isMariaDb ? await readJsonColumns(client, database) : new Set<string>();
  const tables = tableRows
    .filter(
      ({ name, kind }) => (kind === "BASE TABLE" || kind === "SYSTEM VERSIONED") && !isOurs(name),
    )
    .map((row, id) =>
      toTable(
        { ...row, id },
        {
          columns: columns.filter(({ of }) => of === row.name),
          indexes: indexes.filter(({ of }) => of === row.name),
          foreignKeys: foreignKeys.filter(({ table }) => table === row.name),
          jsons,
        },
      ),
    );
  return {
    tables,
    foreignKeys,
    notRestored: [
      ...(tableRows.some(({ kind }) => kind === "SEQUENCE") ? ["sequences"] : []),
      ...(tables.some(({ isVersioned }) => isVersioned) ? ["the history of versioned tables"] : []),
    ],
  };
}

/** MariaDB's JSON is a text with a check; MySQL's is a type of its own. Names of table and column, joined by a dot. */
async function readJsonColumns(
  client: MysqlClient,
  database: string,
): Promise<ReadonlySet<string>> {
  const rows = await readRows<{ of: string; clause: string }>(
    client,
    `SELECT TABLE_NAME AS \`of\`, CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?`,
    [database],
  );
  return new Set(
    rows.flatMap(({ of, clause }) => {
      const column = /^json_valid\(`(.*)`\)$/i.exec(clause)?.[1];
      return column === undefined ? [] : [`${of}.${column.replaceAll("``", "`")}`];
    }),
  );
}

interface Parts {
  readonly columns: readonly ColumnRow[];
  readonly indexes: readonly IndexRow[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly jsons: ReadonlySet<string>;
}

function toTable(row: TableRow & { readonly id: number }, parts: Parts): Table {
  const { name, id, kind } = row;
  const engine = row.engine ?? "unknown";
  const stored = parts.columns.filter(isStored);
  const keys = usableKeys(stored, parts.indexes);
  const hasHidden = stored.some((column) => column.name === HIDDEN_KEY);
  return {
    id,
    name,
    engine,
    isTransactional: TRANSACTIONAL.has(engine.toLowerCase()),
    isVersioned: kind === "SYSTEM VERSIONED",
    columns: stored.map((column) => toColumn(column, parts)),
    primaryKey: keys.find(([index]) => index === "PRIMARY")?.[1] ?? [],
    key: hasHidden ? [HIDDEN_KEY] : (keys[0]?.[1] ?? []),
  };
}

function isStored({ expression }: ColumnRow): boolean {
  return expression === null || expression === "";
}

/** Unique indexes of whole, stored columns that are never null: the primary key, then the shortest. */
function usableKeys(
  stored: readonly ColumnRow[],
  indexes: readonly IndexRow[],
): readonly (readonly [name: string, columns: readonly string[]])[] {
  const names = [...new Set(indexes.map(({ name }) => name))];
  const isUsable = ({ column, prefix }: IndexRow): boolean =>
    prefix === null && stored.some(({ name, nullable }) => name === column && nullable === "NO");
  return names
    .map((name) => [name, indexes.filter((index) => index.name === name)] as const)
    .filter(([, parts]) => parts.every(isUsable))
    .map(([name, parts]) => [name, parts.map(({ column }) => column ?? "")] as const)
    .toSorted(
      ([a, as], [b, bs]) =>
        Number(b === "PRIMARY") - Number(a === "PRIMARY") || as.length - bs.length,
    );
}

function toColumn(row: ColumnRow, { foreignKeys, jsons }: Parts): TableColumn {
  const { of, name, kind, type, charset, collation, extra } = row;
  const reference = foreignKeys.find(({ columns }) => columns.includes(name));
  const at = reference?.columns.indexOf(name) ?? 0;
  return {
    name,
    kind: jsons.has(`${of}.${name}`) ? "json" : kind.toLowerCase(),
    type: charset === null ? type : `${type} CHARACTER SET ${charset} COLLATE ${collation ?? ""}`,
    isCounted: /auto_increment/i.test(extra),
    default: row.default,
    references: reference && {
      table: reference.parent,
      column: reference.parentColumns[at] ?? "",
    },
  };
}

function toForeignKeys(rows: readonly ReferenceRow[]): readonly ForeignKey[] {
  const isFirst = ({ of, name }: ReferenceRow, i: number): boolean =>
    rows.findIndex((other) => other.of === of && other.name === name) === i;
  return rows.filter(isFirst).map(({ of, name, parent, onDelete, onUpdate }) => {
    const parts = rows.filter((other) => other.of === of && other.name === name);
    return {
      table: of,
      columns: parts.map(({ column }) => column),
      parent,
      parentColumns: parts.map(({ parentColumn }) => parentColumn),
      onDelete,
      onUpdate,
    };
  });
}

/** The quoted name of a table. */
export function tableName(database: string, name: string): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

const TIME_KINDS = new Set(["date", "time", "datetime", "timestamp"]);

/** What the schema says about a table's columns; the one that we added is left out. */
export function describeColumns(table: Table): readonly Column[] {
  const [key, ...more] = table.primaryKey;
  return shownColumns(table).map(
    ({ name, kind, isCounted, references, default: value }): Column => {
      const isIdentity =
        isCounted || (more.length === 0 && key === name) || /\buuid\w*\(/i.test(value ?? "");
      return {
        name,
        ...(isIdentity ? { role: "identity" } : TIME_KINDS.has(kind) ? { role: "time" } : {}),
        ...(references && {
          references: { collection: references.table, column: references.column },
        }),
      };
    },
  );
}

/** The columns that are the app's own. */
export function shownColumns({ columns }: Table): readonly TableColumn[] {
  return columns.filter(({ name }) => name !== HIDDEN_KEY);
}
