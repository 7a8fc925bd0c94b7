import { quoteName } from "../../sql/quote.ts";
import type { Table } from "../catalogue.ts";
import { ownRows } from "../catalogue.ts";
import { logOf, slots, wayOf, wayRows } from "./log-sql.ts";

/** The statements that put one table back and forth, as pieces of a PL/pgSQL function. */
export interface RestoreSql {
  /** Uses `since`. Puts every row touched after the position back. */
  readonly undo: string;
  /** Uses `since`, `node`. Keeps the net change after the position as the way to a checkpoint. */
  readonly keep: string;
  /** Uses `node`, `here`. Goes the way to a checkpoint and logs it at a position. */
  readonly redo: string;
  /** Uses `since`. A query of the net change: before and after, as texts. */
  readonly changes: string;
  /** Uses `node`, `into`. Makes the way to a checkpoint a part of the way that continues it. */
  readonly merge: string;
}

/** Runs statements while none of the app's triggers and rules does; others need no more than the role. */
function undisturbed({ alwaysOn }: Table, statements: string): string {
  const off = alwaysOn.map(({ table, what }) => `ALTER TABLE ONLY ${table} DISABLE ${what};`);
  const on = alwaysOn.map(
    ({ table, what, when }) => `ALTER TABLE ONLY ${table} ENABLE ${when} ${what};`,
  );
  return `${off.join(" ")} ${statements} ${on.join(" ")}`;
}

/** Writes the statements of a table. */
export function restoreSql(table: Table): RestoreSql {
  return table.key.length > 0 ? keyedSql(table) : keylessSql(table);
}

/** Whether anything was ever written to a table of ours: to ask costs a fraction of a look into it. */
export function isUsed(table: string): string {
  return `pg_relation_size('${table}') > 0`;
}

function list(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + name).join(", ");
}

/** Columns as `text[]`; absent rows are told by `NULL` instead. */
function texts(values: readonly string[]): string {
  return `ARRAY[${values.map((value) => `(${value})::text`).join(", ")}]::text[]`;
}

function typeOf(table: Table, column: string): string {
  return table.columns.find(({ name }) => name === column)?.typeName ?? "text";
}

function keyedSql(table: Table): RestoreSql {
  const [log, way, rows] = [logOf(table), wayOf(table), ownRows(table)];
  const names = table.columns.map(({ name }) => quoteName(name));
  const keySlots = slots(table, table.key);
  const isSame = (other: string): string =>
    table.key
      .map((name, i) => `t.${quoteName(name)} = ${other}.${keySlots[i] ?? ""}`)
      .join(" AND ");
  const exists = `t.${quoteName(table.key[0] ?? "")} IS NOT NULL`;
  // An absent row is known by its key.
  const current = table.columns
    .map(({ name }, i) =>
      table.key.includes(name) ? `coalesce(t.${quoteName(name)}, k.c${i})` : `t.${quoteName(name)}`,
    )
    .join(", ");
  const keys = `(SELECT DISTINCT ${list(keySlots)} FROM ${log} WHERE at >= since) AS k`;
  // What was there at the position was there before it came to be again.
  const oldest = `(SELECT DISTINCT ON (${list(keySlots)}) had, ${list(slots(table))} FROM ${log} WHERE at >= since ORDER BY ${list(keySlots)}, at, had DESC)`;
  const insert = `INSERT INTO ${rows.replace(/^ONLY /, "")}(${list(names)}) OVERRIDING SYSTEM VALUE`;
  const stored = names.map((name) => `t.${name}`);
  const before = slots(table).map((slot) => `k.${slot}`);
  return {
    undo: `
      IF ${isUsed(log)} THEN IF EXISTS (SELECT FROM ${log} WHERE at >= since) THEN
        ${undisturbed(
          table,
          `DELETE FROM ${rows} AS t USING ${keys} WHERE ${isSame("k")};
        ${insert} SELECT ${list(slots(table))} FROM ${oldest} AS k WHERE had;`,
        )}
        DELETE FROM ${log} WHERE at >= since;
      END IF; END IF;`,
    keep: `
      IF ${isUsed(log)} THEN IF EXISTS (SELECT FROM ${log} WHERE at >= since) THEN
        INSERT INTO ${way} SELECT node, ${exists}, ${current} FROM ${keys} LEFT JOIN ${rows} AS t ON ${isSame("k")};
        touched := touched || ${table.id};
      END IF; END IF;`,
    redo: `
      IF ${isUsed(way)} THEN IF EXISTS (SELECT FROM ${way} AS w WHERE w.node = node_) THEN
        INSERT INTO ${log} SELECT here, ${exists}, ${current} FROM ${wayRows(table)} AS k LEFT JOIN ${rows} AS t ON ${isSame("k")} WHERE k.node = node_;
        ${undisturbed(
          table,
          `DELETE FROM ${rows} AS t USING ${wayRows(table)} AS k WHERE k.node = node_ AND ${isSame("k")};
        ${insert} SELECT ${list(slots(table))} FROM ${wayRows(table)} AS k WHERE k.node = node_ AND had;`,
        )}
      END IF; END IF;`,
    changes: `
      SELECT CASE WHEN k.had THEN ${texts(before)} END, CASE WHEN ${exists} THEN ${texts(stored)} END
      FROM ${oldest} AS k LEFT JOIN ${rows} AS t ON ${isSame("k")}
      WHERE (k.had OR ${exists}) AND (k.had IS DISTINCT FROM (${exists}) OR ${texts(before)} IS DISTINCT FROM ${texts(stored)})
      ORDER BY ${list(keySlots, "k.")}`,
    merge: `
      UPDATE ${way} AS f SET node = into_ WHERE f.node = node_ AND NOT EXISTS
        (SELECT FROM ${wayRows(table)} AS l WHERE l.node = into_ AND ${table.key.map((name, i) => `l.${keySlots[i] ?? ""} = f.${keySlots[i] ?? ""}::${typeOf(table, name)}`).join(" AND ")});
      DELETE FROM ${way} AS f WHERE f.node = node_;`,
  };
}

/** Rows are equal when their texts are: `json` and others know no other equality. */
function keylessSql(table: Table): RestoreSql {
  const [log, way, rows] = [logOf(table), wayOf(table), ownRows(table)];
  const names = table.columns.map(({ name }) => quoteName(name));
  const line = `ROW(${list(slots(table), "l.")})::text`;
  // Of the versions that came and went, those that the others do not cancel out.
  const net = (source: string): string => `(SELECT * FROM (
      SELECT l.*, row_number() OVER (PARTITION BY line, had) AS nth,
        sum(CASE WHEN had THEN 1 ELSE -1 END) OVER (PARTITION BY line) AS lost
      FROM (SELECT l.*, ${line} AS line FROM ${source}) AS l) AS l
    WHERE CASE WHEN had THEN nth <= lost ELSE nth <= -lost END)`;
  const logged = net(`${log} AS l WHERE at >= since`);
  // Ways that were merged may lead there and back.
  const kept = net(`${wayRows(table)} AS l WHERE l.node = node_`);
  const removeLines = (lines: string): string => `
        DELETE FROM ${rows} AS t USING (
          SELECT o.tableoid AS of, o.ctid AS place, o.nth, d.copies FROM
            (SELECT t.tableoid, t.ctid, ROW(${list(names, "t.")})::text AS line,
               row_number() OVER (PARTITION BY ROW(${list(names, "t.")})::text) AS nth FROM ${rows} AS t) AS o
            JOIN (SELECT line, count(*) AS copies FROM ${lines} GROUP BY line) AS d ON d.line = o.line) AS x
        WHERE x.nth <= x.copies AND t.tableoid = x.of AND t.ctid = x.place;`;
  const insert = `INSERT INTO ${rows.replace(/^ONLY /, "")}(${list(names)}) OVERRIDING SYSTEM VALUE`;
  const values = texts(slots(table).map((slot) => `k.${slot}`));
  return {
    undo: `
      IF ${isUsed(log)} THEN IF EXISTS (SELECT FROM ${log} WHERE at >= since) THEN
        ${undisturbed(
          table,
          `${removeLines(`(SELECT line FROM ${logged} AS k WHERE NOT had) AS k`)}
        ${insert} SELECT ${list(slots(table))} FROM ${logged} AS k WHERE had;`,
        )}
        DELETE FROM ${log} WHERE at >= since;
      END IF; END IF;`,
    keep: `
      IF ${isUsed(log)} THEN IF EXISTS (SELECT FROM ${log} WHERE at >= since) THEN
        INSERT INTO ${way} SELECT node, NOT had, ${list(slots(table))} FROM ${logged} AS k;
        touched := touched || ${table.id};
      END IF; END IF;`,
    redo: `
      IF ${isUsed(way)} THEN IF EXISTS (SELECT FROM ${way} AS w WHERE w.node = node_) THEN
        INSERT INTO ${log} SELECT here, NOT had, ${list(slots(table))} FROM ${kept} AS k;
        ${undisturbed(
          table,
          `${removeLines(`(SELECT line FROM ${kept} AS k WHERE NOT had) AS k`)}
        ${insert} SELECT ${list(slots(table))} FROM ${kept} AS k WHERE had;`,
        )}
      END IF; END IF;`,
    changes: `
      SELECT CASE WHEN had THEN ${values} END, CASE WHEN NOT had THEN ${values} END FROM ${logged} AS k ORDER BY line, had`,
    merge: `
      UPDATE ${way} AS f SET node = into_ WHERE f.node = node_;`,
  };
}
