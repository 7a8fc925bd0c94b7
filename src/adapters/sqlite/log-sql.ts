import { nameList, quoteName } from "../sql/quote.ts";
import type { KeyColumn, Table, UniqueKey } from "./catalogue.ts";
import { OURS } from "./catalogue.ts";

/** The one log table for all tables: a point in history is then one number, the highest `seq`. */
export const LOG = quoteName(`${OURS}log`);

/** Where log tables and triggers live: in the file for every process, or in one connection. */
export type LogPlace = "file" | "connection";

/**
 * The log table. Value columns have no type, so that values keep their storage class.
 *
 * `tbl` is the table's id, `had` whether a row existed before the write, `k` its rowid, `c0` …
 * its columns. The row itself is logged only if it existed; of a `WITHOUT ROWID` table's absent row
 * the key columns are.
 */
export function createLogTable(tables: readonly Table[], place: LogPlace): string {
  return `CREATE ${place === "connection" ? "TEMP " : ""}TABLE ${LOG}(seq INTEGER PRIMARY KEY, ${versionColumns(tables)})`;
}

/** The part of the log's columns that holds a version of a row. */
export function versionColumns(tables: readonly Table[]): string {
  const width = Math.max(0, ...tables.map(({ columns }) => columns.length));
  return ["tbl INTEGER", "had INTEGER", "k", ...slots(width)].join(", ");
}

/**
 * The triggers that log what a write is about to change.
 *
 * They log before the write wherever the key is known then, so that the version before is logged
 * earlier than anything the app's own triggers and cascades do to the same row. Only an inserted
 * row's key is not known before; SQLite fires the trigger created last first, so that trigger must
 * be created after the app's.
 *
 * `REPLACE` deletes rows without firing triggers, hence the look-up of rows that clash.
 */
export function createTriggers(table: Table, place: LogPlace): readonly string[] {
  const create = (when: string, body: readonly string[]): string =>
    `CREATE ${place === "connection" ? "TEMP " : ""}TRIGGER ${triggerName(table, when)} ${when} ON ` +
    // A temporary trigger's own schema would be looked in first.
    `${place === "connection" ? "main." : ""}${quoteName(table.name)} BEGIN ${body.map((line) => `${line}; `).join("")}END`;
  const { rowid, primaryKey } = table;
  const old = logRow(table, 1, "OLD.");
  const absent = logAbsent(table);
  const moved =
    rowid === undefined
      ? `NOT (${primaryKey.map((column) => `${newValue(column)} IS OLD.${quoteName(column.name)}`).join(" AND ")})`
      : `NEW.${quoteName(rowid)} <> OLD.${quoteName(rowid)}`;
  // The row itself has just been logged.
  const others =
    rowid === undefined
      ? `NOT (${primaryKey.map(({ name }) => `${quoteName(name)} = OLD.${quoteName(name)}`).join(" AND ")})`
      : `${quoteName(rowid)} <> OLD.${quoteName(rowid)}`;
  const keys = uniqueKeys(table);
  return [
    create(
      "BEFORE INSERT",
      keys.map((key) => logClash(table, key, undefined)),
    ),
    create("BEFORE UPDATE", [
      old,
      ...keys.map((key) => logClash(table, key, others)),
      `${absent} WHERE ${moved}`,
    ]),
    create("BEFORE DELETE", [old]),
    create("AFTER INSERT", [absent]),
  ];
}

/** Drops and creates again the one trigger that must be younger than the app's. */
export function renewAfterInsert(table: Table): readonly string[] {
  const created = createTriggers(table, "file").at(-1) ?? "";
  return [`DROP TRIGGER IF EXISTS ${triggerName(table, "AFTER INSERT")}`, created];
}

function triggerName({ id }: Table, when: string): string {
  return quoteName(`${OURS}${id}_${when.toLowerCase().replace(" ", "_")}`);
}

function slots(width: number): readonly string[] {
  return Array.from({ length: width }, (_, index) => `c${index}`);
}

/** The log's columns that hold this table's columns. */
export function slotList({ columns }: Table, prefix = ""): string {
  return slots(columns.length)
    .map((slot) => prefix + slot)
    .join(", ");
}

/** The log's column that holds the table's column `name`. */
export function slotOf({ columns }: Table, name: string): string {
  return `c${columns.findIndex((column) => column.name === name)}`;
}

function uniqueKeys({ rowid, unique }: Table): readonly UniqueKey[] {
  if (rowid === undefined) return unique;
  const byRowid: UniqueKey = {
    columns: [{ name: rowid, collation: "BINARY", replacesNull: undefined }],
    predicate: undefined,
  };
  return [byRowid, ...unique];
}

function logRow(table: Table, had: 0 | 1, prefix: string): string {
  const { id, rowid, columns } = table;
  const names = columns.map(({ name }) => name);
  return rowid === undefined
    ? `INSERT INTO ${LOG}(tbl, had, ${slotList(table)}) SELECT ${id}, ${had}, ${nameList(names, prefix)}`
    : `INSERT INTO ${LOG}(tbl, had, k, ${slotList(table)}) SELECT ${id}, ${had}, ${prefix}${quoteName(rowid)}, ${nameList(names, prefix)}`;
}

function logAbsent(table: Table): string {
  const { id, rowid, primaryKey } = table;
  if (rowid !== undefined) {
    return `INSERT INTO ${LOG}(tbl, had, k) SELECT ${id}, 0, NEW.${quoteName(rowid)}`;
  }
  const keySlots = primaryKey.map(({ name }) => slotOf(table, name)).join(", ");
  return `INSERT INTO ${LOG}(tbl, had, ${keySlots}) SELECT ${id}, 0, ${primaryKey.map(newValue).join(", ")}`;
}

function logClash(table: Table, key: UniqueKey, others: string | undefined): string {
  const equal = key.columns.map(
    (column) =>
      `${quoteName(column.name)} COLLATE ${quoteName(column.collation)} = ${newValue(column)}`,
  );
  // The index's own condition makes the planner use the partial index.
  if (key.predicate !== undefined) equal.push(`(${key.predicate})`);
  if (others !== undefined) equal.push(others);
  return `${logRow(table, 1, "")} FROM ${quoteName(table.name)} WHERE ${equal.join(" AND ")}`;
}

/** `REPLACE` puts the default in place of a `NULL` that is not allowed, after the triggers ran. */
function newValue({ name, replacesNull }: KeyColumn): string {
  const value = `NEW.${quoteName(name)}`;
  return replacesNull === undefined ? value : `coalesce(${value}, ${replacesNull})`;
}
