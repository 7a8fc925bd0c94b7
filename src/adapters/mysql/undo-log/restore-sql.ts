import type { Table } from "../catalogue.ts";
import { tableName } from "../catalogue.ts";
import { nameList, quoteName } from "../quote.ts";
import type { Space } from "../space.ts";
import { freshOf, logOf, slots, wayOf } from "../space.ts";

/** A statement of a verb. */
export interface Statement {
  readonly sql: string;
  /** Whether it writes to a table without transactions, or reads what such a statement wrote. */
  readonly isPlain: boolean;
}

/** The statements that put one table back and forth. Positions and nodes are numbers. */
export interface RestoreSql {
  /** Moves the oldest fresh version of each key to the log. */
  readonly fold: (at: number) => readonly Statement[];
  /** Puts every row touched after a position back. */
  readonly undo: (since: string) => readonly Statement[];
  /** Keeps the net change after a position as the way to a checkpoint. */
  readonly keep: (since: string, node: number) => readonly Statement[];
  /** Goes the way to a checkpoint and logs it at a position. */
  readonly redo: (node: number, at: number) => readonly Statement[];
  /** A query of what was touched: whether the row was and is there, and its values then and now. */
  readonly changes: (since: string) => Statement;
  /** Makes the way to a checkpoint a part of the way that continues it. */
  readonly merge: (node: number, into: number) => readonly Statement[];
  readonly drop: (node: number) => readonly Statement[];
}

/** Writes the statements of a table that has a key. */
export function restoreSql(space: Space, table: Table): RestoreSql {
  const parts = partsOf(space, table);
  const { fresh, log, way, rows, columns, all, keySlots, isSame, exists, current, first } = parts;
  const isPlain = !table.isTransactional;
  const run = (...statements: readonly string[]): readonly Statement[] =>
    statements.map((sql) => ({ sql, isPlain }));
  const touched = (since: string): string =>
    `(SELECT DISTINCT ${keySlots.join(", ")} FROM ${log} WHERE at >= ${since}) AS k`;
  const oldest = (since: string): string => first(`${log} WHERE at >= ${since}`, "at");
  const isSameWay = keySlots.map((slot) => `l.${slot} = f.${slot}`).join(" AND ");
  return {
    fold: (at) =>
      run(
        `INSERT INTO ${log}(at, had, ${all}) SELECT ${at}, had, ${all} FROM ${first(fresh, "seq")}`,
        `DELETE FROM ${fresh}`,
      ),
    undo: (since) =>
      run(
        `DELETE t FROM ${touched(since)} STRAIGHT_JOIN ${rows} AS t ON ${isSame}`,
        `INSERT INTO ${rows}(${columns}) SELECT ${all} FROM ${oldest(since)} WHERE had = 1`,
        `DELETE FROM ${log} WHERE at >= ${since}`,
      ),
    keep: (since, node) =>
      run(
        `INSERT INTO ${way}(node, had, ${all}) SELECT ${node}, ${exists}, ${current} FROM ${touched(since)} LEFT JOIN ${rows} AS t ON ${isSame}`,
      ),
    redo: (node, at) =>
      run(
        `INSERT INTO ${log}(at, had, ${all}) SELECT ${at}, ${exists}, ${current} FROM ${way} AS k LEFT JOIN ${rows} AS t ON ${isSame} WHERE k.node = ${node}`,
        `DELETE t FROM ${way} AS k STRAIGHT_JOIN ${rows} AS t ON ${isSame} WHERE k.node = ${node}`,
        `INSERT INTO ${rows}(${columns}) SELECT ${all} FROM ${way} WHERE node = ${node} AND had = 1`,
      ),
    changes: (since) => ({
      isPlain,
      sql: `SELECT k.had, ${exists}, ${parts.values} FROM ${oldest(since)} LEFT JOIN ${rows} AS t ON ${isSame} ORDER BY ${keySlots.map((slot) => `k.${slot}`).join(", ")}`,
    }),
    merge: (node, into) =>
      run(
        `DELETE f FROM ${way} AS l STRAIGHT_JOIN ${way} AS f ON ${isSameWay} WHERE l.node = ${into} AND f.node = ${node}`,
        `UPDATE ${way} SET node = ${into} WHERE node = ${node}`,
      ),
    drop: (node) => run(`DELETE FROM ${way} WHERE node = ${node}`),
  };
}

interface Parts {
  readonly fresh: string;
  readonly log: string;
  readonly way: string;
  /** The app's table, called `t` below. */
  readonly rows: string;
  readonly columns: string;
  readonly all: string;
  readonly keySlots: readonly string[];
  /** Whether `k`, a row of ours, and `t` have the same key. */
  readonly isSame: string;
  readonly exists: string;
  /** The row that is there now; an absent one is known by its key. */
  readonly current: string;
  /** Values of `k` and of `t`, as they are sent. */
  readonly values: string;
  /** The first of the rows that have a key, as `k`. */
  readonly first: (source: string, order: string) => string;
}

function partsOf(space: Space, table: Table): Parts {
  const { key, columns } = table;
  const all = slots(table).join(", ");
  const keySlots = slots(table, key);
  const stored = columns.map(({ name }) => `t.${quoteName(name)}`);
  const before = slots(table).map((slot) => `k.${slot}`);
  return {
    fresh: freshOf(space, table),
    log: logOf(space, table),
    way: wayOf(space, table),
    rows: tableName(space.of, table.name),
    columns: nameList(columns.map(({ name }) => name)),
    all,
    keySlots,
    isSame: key.map((name, i) => `t.${quoteName(name)} = k.${keySlots[i] ?? ""}`).join(" AND "),
    exists: `t.${quoteName(key[0] ?? "")} IS NOT NULL`,
    current: columns
      .map(({ name }, i) =>
        key.includes(name) ? `COALESCE(t.${quoteName(name)}, k.c${i})` : `t.${quoteName(name)}`,
      )
      .join(", "),
    values: [...before, ...stored].map((value, i) => exactText(table, value, i)).join(", "),
    first: (source, order) =>
      `(SELECT * FROM (SELECT had, ${all}, ROW_NUMBER() OVER (PARTITION BY ${keySlots.join(", ")} ORDER BY ${order}) AS nth FROM ${source}) AS o WHERE nth = 1) AS k`,
  };
}

/** A value as it is sent. The server rounds a `FLOAT` where it writes it. */
function exactText({ columns }: Table, value: string, nth: number): string {
  return columns[nth % columns.length]?.kind === "float" ? `CAST(${value} AS DOUBLE)` : value;
}
