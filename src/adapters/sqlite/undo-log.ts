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
  /** Ids of tables written after a position. */
  readonly touched: (position: number) => readonly number[];
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
  const log = undoLog(connection, tables, `temp.${forward}`);
  for (const table of tables) log.prove(table);
  return log;
}

/** Frees what a log keeps in the connection. Its tables in the file are left alone. */
export function discardLog(connection: SqliteConnection, epoch: number): void {
  connection.exec(`DROP TABLE IF EXISTS temp.${quoteName(`${FORWARD}${epoch}`)}`);
}

function undoLog(
  connection: SqliteConnection,
  tables: readonly Table[],
  forward: string,
): UndoLog & { readonly prove: (table: Table) => void } {
  const position = connection.prepare(`SELECT coalesce(max(seq), 0) FROM ${LOG}`).pluck();
  const touched = connection
    .prepare(`SELECT DISTINCT tbl FROM ${LOG} WHERE seq > ? ORDER BY tbl`)
    .pluck();
  const clear = connection.prepare(`DELETE FROM ${LOG} WHERE seq > ?`);
  const drop = connection.prepare(`DELETE FROM ${forward} WHERE node = ?`);
  const statements = new Map<Table, StatementsOf>();

  function of(table: Table): StatementsOf {
    const known = statements.get(table);
    if (known !== undefined) return known;
    const made = prepareLazily(connection, restoreSql(table, forward));
    statements.set(table, made);
    return made;
  }

  function each(ids: readonly number[], run: (table: Table) => void): void {
    for (const id of ids) {
      const table = tables[id];
      if (table !== undefined) run(table);
    }
  }

  const log = {
    tables,
    position: () => position.get() as number,
    touched: (since: number) => touched.all(since) as number[],
    undo: (to: number) => {
      const top = log.position();
      if (top === to) return;
      each(log.touched(to), (table) =>
        withoutTriggers(connection, table, () => {
          of(table)("undoDelete").run({ since: to, top });
          of(table)("undoInsert").run({ since: to, top });
        }),
      );
      // Includes what the two statements above have logged themselves.
      clear.run(to);
    },
    keep: (since: number, node: number) => {
      const ids = log.position() === since ? [] : log.touched(since);
      each(ids, (table) => of(table)("keep").run({ since, node }));
      return ids;
    },
    redo: (node: number, ids: readonly number[]) =>
      each(ids, (table) =>
        withoutTriggers(connection, table, () => {
          of(table)("redoDelete").run({ node });
          of(table)("redoInsert").run({ node });
        }),
      ),
    drop: (node: number) => void drop.run(node),
    merge: (node: number, into: number, ids: readonly number[]) => {
      each(ids, (table) => of(table)("merge").run({ node, into }));
      drop.run(node);
    },
    changes: (since: number) =>
      log.touched(since).flatMap((id): readonly TouchedTable[] => {
        const table = tables[id];
        if (table === undefined) return [];
        const rows = of(table)("changes").raw().safeIntegers().all({ since });
        return [{ table, rows: rows.map((row) => touchedRow(row as ExactValue[])) }];
      }),
    kept: (node: number, table: Table) =>
      (
        of(table)("kept").raw().safeIntegers().all({ node }) as [
          bigint,
          ExactValue,
          ...ExactValue[],
        ][]
      ).map(([had, rowid, ...values]) => ({ exists: had === 1n, rowid, values })),
    prove: (table: Table) => {
      for (const name of ["undoDelete", "undoInsert"] as const) of(table)(name);
      // Makes SQLite compile our triggers as well, without writing anything.
      const names = nameList(table.columns.map((column) => column.name));
      connection.prepare(
        `INSERT INTO main.${quoteName(table.name)}(${names}) SELECT ${names} FROM main.${quoteName(table.name)} WHERE 0`,
      );
    },
  };
  return log;
}

/** Reads `had, version before, exists, version now`. */
function touchedRow(row: readonly ExactValue[]): TouchedRow {
  const middle = row.length / 2;
  return {
    before: row[0] === 1n ? row.slice(1, middle) : undefined,
    after: row[middle] === 1n ? row.slice(middle + 1) : undefined,
  };
}

type StatementsOf = (name: keyof RestoreSql) => SqliteStatement;

function prepareLazily(connection: SqliteConnection, sql: RestoreSql): StatementsOf {
  const prepared = new Map<string, SqliteStatement>();
  return (name) => {
    const known = prepared.get(name);
    if (known !== undefined) return known;
    const made = connection.prepare(sql[name]);
    prepared.set(name, made);
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
