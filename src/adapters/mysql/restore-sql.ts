import type { Table } from "./catalogue.ts";
import { tableName } from "./catalogue.ts";
import { nameList, quoteName } from "./quote.ts";
import type { Space } from "./space.ts";
import { freshOf, logOf, slots, wayOf } from "./space.ts";

/** The statements that put one table back and forth. Positions and nodes are numbers. */
export interface RestoreSql {
  /** Moves the oldest fresh version of each key to the log. */
  readonly fold: (at: number) => readonly string[];
  /** Puts every row touched after a position back. */
  readonly undo: (since: string) => readonly string[];
  /** Keeps the net change after a position as the way to a checkpoint. */
  readonly keep: (since: string, node: number) => readonly string[];
  /** Goes the way to a checkpoint and logs it at a position. */
  readonly redo: (node: number, at: number) => readonly string[];
  /** A query of what was touched: whether the row was and is there, and its values then and now. */
  readonly changes: (since: string) => string;
  /** Makes the way to a checkpoint a part of the way that continues it. */
  readonly merge: (node: number, into: number) => readonly string[];
  readonly drop: (node: number) => readonly string[];
}

/** Writes the statements of a table that has a key. */
export function restoreSql(space: Space, table: Table): RestoreSql {
  const [fresh, log, way] = [freshOf(space, table), logOf(space, table), wayOf(space, table)];
  const rows = tableName(space.of, table.name);
  const columns = nameList(table.columns.map(({ name }) => name));
  const all = slots(table).join(", ");
  const keySlots = slots(table, table.key);
  const keys = keySlots.join(", ");
  const isSame = (other: string): string =>
    table.key
      .map((name, i) => `t.${quoteName(name)} = ${other}.${keySlots[i] ?? ""}`)
      .join(" AND ");
  const exists = `t.${quoteName(table.key[0] ?? "")} IS NOT NULL`;
  // An absent row is known by its key.
  const current = table.columns
    .map(({ name }, i) =>
      table.key.includes(name) ? `COALESCE(t.${quoteName(name)}, k.c${i})` : `t.${quoteName(name)}`,
    )
    .join(", ");
  const touched = (since: string): string =>
    `(SELECT DISTINCT ${keys} FROM ${log} WHERE at >= ${since}) AS k`;
  const first = (source: string, order: string): string =>
    `(SELECT * FROM (SELECT had, ${all}, ROW_NUMBER() OVER (PARTITION BY ${keys} ORDER BY ${order}) AS nth FROM ${source}) AS o WHERE nth = 1) AS k`;
  const oldest = (since: string): string => first(`${log} WHERE at >= ${since}`, "at");
  const stored = table.columns.map(({ name }) => `t.${quoteName(name)}`);
  const before = slots(table).map((slot) => `k.${slot}`);
  return {
    fold: (at) => [
      `INSERT INTO ${log}(at, had, ${all}) SELECT ${at}, had, ${all} FROM ${first(fresh, "seq")}`,
      `DELETE FROM ${fresh}`,
    ],
    undo: (since) => [
      `DELETE t FROM ${touched(since)} STRAIGHT_JOIN ${rows} AS t ON ${isSame("k")}`,
      `INSERT INTO ${rows}(${columns}) SELECT ${all} FROM ${oldest(since)} WHERE had = 1`,
      `DELETE FROM ${log} WHERE at >= ${since}`,
    ],
    keep: (since, node) => [
      `INSERT INTO ${way}(node, had, ${all}) SELECT ${node}, ${exists}, ${current} FROM ${touched(since)} LEFT JOIN ${rows} AS t ON ${isSame("k")}`,
    ],
    redo: (node, at) => [
      `INSERT INTO ${log}(at, had, ${all}) SELECT ${at}, ${exists}, ${current} FROM ${way} AS k LEFT JOIN ${rows} AS t ON ${isSame("k")} WHERE k.node = ${node}`,
      `DELETE t FROM ${way} AS k STRAIGHT_JOIN ${rows} AS t ON ${isSame("k")} WHERE k.node = ${node}`,
      `INSERT INTO ${rows}(${columns}) SELECT ${all} FROM ${way} WHERE node = ${node} AND had = 1`,
    ],
    changes: (since) =>
      `SELECT k.had, ${exists}, ${[...before, ...stored].map((value, i) => exactText(table, value, i)).join(", ")} FROM ${oldest(since)} LEFT JOIN ${rows} AS t ON ${isSame("k")} ORDER BY ${keySlots.map((slot) => `k.${slot}`).join(", ")}`,
    merge: (node, into) => [
      `DELETE f FROM ${way} AS l STRAIGHT_JOIN ${way} AS f ON ${keySlots.map((slot) => `l.${slot} = f.${slot}`).join(" AND ")} WHERE l.node = ${into} AND f.node = ${node}`,
      `UPDATE ${way} SET node = ${into} WHERE node = ${node}`,
    ],
    drop: (node) => [`DELETE FROM ${way} WHERE node = ${node}`],
  };
}

/** A value as it is sent. The server rounds a `FLOAT` where it writes it. */
function exactText({ columns }: Table, value: string, nth: number): string {
  return columns[nth % columns.length]?.kind === "float" ? `CAST(${value} AS DOUBLE)` : value;
}
