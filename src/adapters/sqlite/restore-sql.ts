import { nameList, quoteName } from "../sql/quote.ts";
import type { Table } from "./catalogue.ts";
import { LOG, slotList, slotOf } from "./log-sql.ts";

/** The statements that put one table back and forth. Values never travel through JavaScript. */
export interface RestoreSql {
  /** Parameters: since, top. Deletes every row touched after the position. */
  readonly undoDelete: string;
  /** Parameters: since, top. Inserts the oldest version logged after the position. */
  readonly undoInsert: string;
  /** Parameters: since, node. Keeps the current version of every row touched after the position. */
  readonly keep: string;
  /** Parameter: node. */
  readonly redoDelete: string;
  /** Parameter: node. */
  readonly redoInsert: string;
  /** Parameters: node, into. */
  readonly merge: string;
  /** Parameter: since. Rows of `had`, the oldest version, whether a row is there now, it. */
  readonly changes: string;
  /** Parameter: node. Rows of `had`, the key's slots and the version, as `keep` stored them. */
  readonly kept: string;
}

/**
 * @param forward - The quoted name of the table that `keep` fills.
 */
export function restoreSql(table: Table, forward: string): RestoreSql {
  const { id } = table;
  const target = `main.${quoteName(table.name)}`;
  const logged = `FROM ${LOG} WHERE tbl = ${id} AND seq > @since`;
  const kept = `FROM ${forward} WHERE node = @node AND tbl = ${id}`;
  const stored = nameList(
    table.columns.map(({ name }) => name),
    "t.",
  );
  const { insertInto, source, isKey, group, join } = keySql(table);
  const columns = `${join.keyColumns}${slotList(table)}`;
  return {
    undoDelete: `DELETE FROM ${target} WHERE ${isKey} IN (SELECT ${source} ${logged} AND seq <= @top)`,
    undoInsert:
      `INSERT INTO ${target}(${insertInto.columns}) SELECT ${insertInto.values} FROM ${LOG} ` +
      `WHERE seq IN (SELECT min(seq) ${logged} AND seq <= @top GROUP BY ${group}) AND had = 1`,
    keep:
      `INSERT INTO ${forward}(node, tbl, had, ${columns}) ` +
      `SELECT @node, ${id}, ${join.exists}, ${join.kept} ` +
      `FROM (SELECT ${source} ${logged} GROUP BY ${group}) AS l LEFT JOIN ${target} AS t ON ${join.on}`,
    redoDelete: `DELETE FROM ${target} WHERE ${isKey} IN (SELECT ${source} ${kept})`,
    redoInsert: `INSERT INTO ${target}(${insertInto.columns}) SELECT ${insertInto.values} ${kept} AND had = 1`,
    merge:
      `UPDATE ${forward} AS f SET node = @into WHERE node = @node AND tbl = ${id} AND NOT EXISTS ` +
      `(SELECT 1 FROM ${forward} AS l WHERE l.node = @into AND l.tbl = ${id} AND ${join.sameKey})`,
    changes:
      `SELECT l.had, ${slotList(table, "l.")}, ${join.exists}, ${stored} FROM ` +
      `(SELECT * FROM ${LOG} WHERE seq IN (SELECT min(seq) ${logged} GROUP BY ${group})) AS l ` +
      `LEFT JOIN ${target} AS t ON ${join.on} ORDER BY ${join.order}`,
    kept: `SELECT had, ${join.keyColumns === "" ? "NULL" : "k"}, ${slotList(table)} ${kept}`,
  };
}

interface KeySql {
  readonly insertInto: { readonly columns: string; readonly values: string };
  /** The key's columns of the log. */
  readonly source: string;
  /** Left side of an `IN`. */
  readonly isKey: string;
  readonly group: string;
  readonly join: {
    readonly keyColumns: string;
    readonly exists: string;
    readonly kept: string;
    readonly on: string;
    readonly order: string;
    readonly sameKey: string;
  };
}

function keySql(table: Table): KeySql {
  return table.rowid === undefined ? primaryKeySql(table) : rowidSql(table, quoteName(table.rowid));
}

function rowidSql(table: Table, rowid: string): KeySql {
  const names = table.columns.map(({ name }) => name);
  return {
    insertInto: table.rowidIsColumn
      ? { columns: nameList(names), values: slotList(table) }
      : { columns: `${rowid}, ${nameList(names)}`, values: `k, ${slotList(table)}` },
    source: "k",
    isKey: rowid,
    group: "k",
    join: {
      keyColumns: "k, ",
      exists: `t.${rowid} IS NOT NULL`,
      kept: `l.k, ${nameList(names, "t.")}`,
      on: `t.${rowid} = l.k`,
      order: "l.k",
      sameKey: "l.k = f.k",
    },
  };
}

function primaryKeySql(table: Table): KeySql {
  const names = table.columns.map(({ name }) => name);
  const isInKey = new Set(table.primaryKey.map(({ name }) => name));
  // Equal under the key's collation is the same key: "a" and "A" where it is NOCASE.
  const keys = table.primaryKey.map(({ name, collation }) => ({
    column: quoteName(name),
    slot: slotOf(table, name),
    collate: `COLLATE ${quoteName(collation)}`,
  }));
  return {
    insertInto: { columns: nameList(names), values: slotList(table) },
    source: keys.map(({ slot }) => slot).join(", "),
    isKey:
      keys.length === 1
        ? (keys[0]?.column ?? "")
        : `(${keys.map(({ column }) => column).join(", ")})`,
    group: keys.map(({ slot, collate }) => `${slot} ${collate}`).join(", "),
    join: {
      keyColumns: "",
      exists: `t.${keys[0]?.column ?? ""} IS NOT NULL`,
      // An absent row is known by its key.
      kept: names
        .map((name) =>
          isInKey.has(name)
            ? `coalesce(t.${quoteName(name)}, l.${slotOf(table, name)})`
            : `t.${quoteName(name)}`,
        )
        .join(", "),
      on: keys.map(({ column, slot }) => `t.${column} = l.${slot}`).join(" AND "),
      order: keys.map(({ slot, collate }) => `l.${slot} ${collate}`).join(", "),
      sameKey: keys.map(({ slot, collate }) => `l.${slot} ${collate} = f.${slot}`).join(" AND "),
    },
  };
}
