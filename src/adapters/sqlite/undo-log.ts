import type { Catalogue, Table } from "./catalogue.ts";
import { OURS } from "./catalogue.ts";
import { nameList, quoteName, quoteText } from "../sql/quote.ts";
import type { ExactValue } from "../sql/rows.ts";
import type { SqliteConnection, SqliteStatement } from "./driver.ts";
import type { LogPlace } from "./log-sql.ts";
import {
  createLogTable,
  createTriggers,
  LOG,
  renewAfterInsert,
  versionColumns,
} from "./log-sql.ts";
import type { RestoreSql } from "./restore-sql.ts";
import { restoreSql } from "./restore-sql.ts";
import type { KeyedRow } from "./tables.ts";

/** Names of the temporary tables that hold the ways to checkpoints. */
const FORWARD = `${OURS}forward_`;

/** A row that was touched: its oldest version and the current one, `undefined` for no row. */
export interface TouchedRow {
  readonly before: readonly ExactValue[] | undefined;
  readonly after: readonly ExactValue[] | undefined;
}

/** The touched rows of a table, in the order of its key. */
export interface TouchedTable {
  readonly table: Table;
  readonly rows: readonly TouchedRow[];
}

/** A row as it was at a checkpoint; `exists` is false when it was not there. */
export interface KeptRow extends KeyedRow {
  readonly exists: boolean;
}

/**
 * The log of one schema: what was written since it was installed, and the net changes between
 * checkpoints that were left, so that they can be reached again.
 *
 * Every verb must be called inside a transaction of the connection.
 */
export interface UndoLog {
  readonly tables: readonly Table[];
  /** The highest position; 0 when nothing was written. */
  readonly position: () => number;
  /** Puts all rows back to a position and forgets what was logged after it. */
  readonly undo: (position: number) => void;
  /** Keeps the net change from a position to now as the way to `node`; returns the tables' ids. */
  readonly keep: (position: number, node: number) => readonly number[];
  /** Goes the way to `node` that `keep` stored. The log grows by it, as by any other write. */
  readonly redo: (node: number, tables: readonly number[]) => void;
  /** Forgets the way to `node`. */
  readonly drop: (node: number) => void;
  /** Makes the way to `node` a part of the way to `into`, which continues it. */
  readonly merge: (node: number, into: number, tables: readonly number[]) => void;
  readonly changes: (position: number) => readonly TouchedTable[];
  /** One table's part of the way to `node`. */
  readonly kept: (node: number, table: Table) => readonly KeptRow[];
}

/** Removes log and triggers, whoever left them. */
export function uninstallLog(connection: SqliteConnection, place: LogPlace): void {
  const schema = place === "file" ? "main" : "temp";
  const ours = connection
    .prepare(
      `SELECT type, name FROM ${schema}.sqlite_schema WHERE type IN ('trigger', 'table')
       AND substr(name, 1, ${OURS.length}) = ${quoteText(OURS)} ORDER BY type DESC`,
    )
    .all() as readonly { readonly type: string; readonly name: string }[];
  for (const { type, name } of ours) {
    // Ways to checkpoints of other epochs are still needed.
    if (!name.startsWith(FORWARD)) connection.exec(`DROP ${type} ${schema}.${quoteName(name)}`);
  }
}

/**
 * Installs log and triggers; {@link uninstallLog} must have run before.
 *
 * @param epoch - Tells this log's temporary tables from those of other schemas.
 * @throws The driver's error when the schema needs something that this connection does not have,
 * e.g. a function or collation that the app registers.
 */
export function installLog(
  connection: SqliteConnection,
  { tables }: Catalogue,
  { place, epoch }: { readonly place: LogPlace; readonly epoch: number },
): UndoLog {
  const forward = quoteName(`${FORWARD}${epoch}`);
  const schema = [
    `CREATE TEMP TABLE ${forward}(node INTEGER, ${versionColumns(tables)})`,
    `CREATE INDEX temp.${quoteName(`${FORWARD}${epoch}_key`)} ON ${forward}(node, tbl, k)`,
    createLogTable(tables, place),
    ...tables.flatMap((table) => createTriggers(table, place)),
  ];
  connection.exec(schema.join(";\n"));
  for (const table of tables) prove(connection, table);
  return undoLog(connection, tables, `temp.${forward}`);
}

/** Frees what a log keeps in the connection. Its tables in the file are left alone. */
export function discardLog(connection: SqliteConnection, epoch: number): void {
  connection.exec(`DROP TABLE IF EXISTS temp.${quoteName(`${FORWARD}${epoch}`)}`);
}

function undoLog(connection: SqliteConnection, tables: readonly Table[], forward: string): UndoLog {
  const statement = createStatements(connection, forward);
  const max = connection.prepare(`SELECT coalesce(max(seq), 0) FROM ${LOG}`).pluck();
  const distinct = connection.prepare(`SELECT DISTINCT tbl FROM ${LOG} WHERE seq > ? ORDER BY tbl`);
  const clear = connection.prepare(`DELETE FROM ${LOG} WHERE seq > ?`);
  const drop = connection.prepare(`DELETE FROM ${forward} WHERE node = ?`);
  const position = (): number => max.get() as number;
  const touched = (since: number): number[] => distinct.pluck().all(since) as number[];
  const those = (ids: readonly number[]): readonly Table[] => ids.flatMap((id) => tables[id] ?? []);

  return {
    tables,
    position,
    undo: (since) => {
      const top = position();
      if (top === since) return;
      for (const table of those(touched(since))) {
        withoutTriggers(connection, table, () => {
          statement(table, "undoDelete").run({ since, top });
          statement(table, "undoInsert").run({ since, top });
        });
      }
      // Includes what the two statements above have logged themselves.
      clear.run(since);
    },
    keep: (since, node) => {
      const ids = position() === since ? [] : touched(since);
      for (const table of those(ids)) statement(table, "keep").run({ since, node });
      return ids;
    },
    redo: (node, ids) => {
      for (const table of those(ids)) {
        withoutTriggers(connection, table, () => {
          statement(table, "redoDelete").run({ node });
          statement(table, "redoInsert").run({ node });
        });
      }
    },
    drop: (node) => void drop.run(node),
    merge: (node, into, ids) => {
      for (const table of those(ids)) statement(table, "merge").run({ node, into });
      drop.run(node);
    },
    changes: (since) =>
      those(touched(since)).map((table) => ({
        table,
        rows: exactRows(statement(table, "changes"), { since }).map(touchedRow),
      })),
    kept: (node, table) =>
      exactRows(statement(table, "kept"), { node }).map(([had, rowid = null, ...values]) => ({
        exists: had === 1n,
        rowid,
        values,
      })),
  };
}

/** Has SQLite compile everything that a restore of the table needs, without writing anything. */
function prove(connection: SqliteConnection, table: Table): void {
  const { undoDelete, undoInsert } = restoreSql(table, "temp.nothing");
  // Our triggers, and the app's indexes, checks and generated columns, are compiled with them.
  for (const sql of [undoDelete, undoInsert]) connection.prepare(sql);
  const names = nameList(table.columns.map(({ name }) => name));
  const target = `main.${quoteName(table.name)}`;
  connection.prepare(`UPDATE ${target} SET (${names}) = (SELECT ${names})`);
}

function exactRows(statement: SqliteStatement, params: object): readonly (readonly ExactValue[])[] {
  return statement.raw().safeIntegers().all(params) as ExactValue[][];
}

/** Reads `had, version before, exists, version now`. */
function touchedRow(row: readonly ExactValue[]): TouchedRow {
  const middle = row.length / 2;
  return {
    before: row[0] === 1n ? row.slice(1, middle) : undefined,
    after: row[middle] === 1n ? row.slice(middle + 1) : undefined,
  };
}

type Statements = (table: Table, name: keyof RestoreSql) => SqliteStatement;

/** Prepares each statement when it is first needed: most tables are never touched. */
function createStatements(connection: SqliteConnection, forward: string): Statements {
  const texts = new Map<Table, RestoreSql>();
  const prepared = new Map<string, SqliteStatement>();
  return (table, name) => {
    const key = `${table.id} ${name}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const sql = texts.get(table) ?? restoreSql(table, forward);
    texts.set(table, sql);
    const made = connection.prepare(sql[name]);
    prepared.set(key, made);
    return made;
  };
}

/**
 * Runs writes that the app's own triggers must not see. SQLite has no switch for triggers, so they
 * are dropped and created again, in the same order.
 */
function withoutTriggers(connection: SqliteConnection, table: Table, run: () => void): void {
  if (table.triggers.length === 0) {
    run();
    return;
  }
  for (const { name } of table.triggers) connection.exec(`DROP TRIGGER main.${quoteName(name)}`);
  run();
  for (const { sql } of table.triggers) connection.exec(sql);
  for (const sql of renewAfterInsert(table)) connection.exec(sql);
}
