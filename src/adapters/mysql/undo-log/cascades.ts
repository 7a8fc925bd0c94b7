import type { Catalogue, ForeignKey, Table } from "../catalogue.ts";
import { tableName } from "../catalogue.ts";
import { nameList, quoteName } from "../quote.ts";
import type { Space } from "../space.ts";
import { freshOf, slots } from "../space.ts";

/** InnoDB follows cascades no further. */
const MAX_DEPTH = 15;
/** Statements of one trigger. A schema that needs more is not worth the time each write would take. */
export const MAX_STATEMENTS = 600;

interface Walk {
  readonly space: Space;
  readonly catalogue: Catalogue;
  readonly count: { statements: number };
}

/** The rows of a table that a cascade reaches, and what it does to them. */
interface Reached {
  readonly table: string;
  /** Names a column of the row: `OLD.` of the row that the statement writes, or an alias. */
  readonly row: string;
  /** `FROM` and its conditions up to here; both empty for the row that the statement writes. */
  readonly from: readonly string[];
  readonly where: readonly string[];
  /** `undefined`: the row goes. Else what its columns become. */
  readonly becomes: ((column: string) => string | undefined) | undefined;
}

/**
 * Writes what must be logged before a row of `table` is deleted or updated: foreign keys with
 * `CASCADE` and `SET NULL` change rows of other tables without firing their triggers. Rows that turn
 * out not to be changed may be logged as well: their old version is their version.
 *
 * @returns `undefined` when the foreign keys lead to more places than a trigger should look at.
 */
export function logCascades(
  table: Table,
  event: "DELETE" | "UPDATE",
  { space, catalogue }: Pick<Walk, "space" | "catalogue">,
): string | undefined {
  const walk = { space, catalogue, count: { statements: 0 } };
  const start: Reached = {
    table: table.name,
    row: "OLD.",
    from: [],
    where: [],
    becomes: event === "DELETE" ? undefined : (column) => `NEW.${quoteName(column)}`,
  };
  const sql = next(walk, start, 1);
  return walk.count.statements > MAX_STATEMENTS ? undefined : sql;
}

function next(walk: Walk, reached: Reached, depth: number): string {
  if (depth > MAX_DEPTH || walk.count.statements > MAX_STATEMENTS) return "";
  return walk.catalogue.foreignKeys
    .filter((key) => key.parent === reached.table && isFollowed(key, reached))
    .map((key) => {
      const sql = step(walk, { key, reached }, depth);
      return depth === 1 && reached.becomes !== undefined ? ifChanged(key, sql) : sql;
    })
    .join("");
}

function ruleOf({ onDelete, onUpdate }: ForeignKey, { becomes }: Reached): string {
  return becomes === undefined ? onDelete : onUpdate;
}

function isFollowed(key: ForeignKey, reached: Reached): boolean {
  const { becomes } = reached;
  const rule = ruleOf(key, reached);
  if (rule !== "CASCADE" && rule !== "SET NULL") return false;
  return becomes === undefined || key.parentColumns.some((column) => becomes(column) !== undefined);
}

/** An update of other columns reaches nobody. Letters of another case are another value here. */
function ifChanged({ parentColumns }: ForeignKey, sql: string): string {
  const same = parentColumns.map((column) => {
    const [old, fresh] = [`OLD.${quoteName(column)}`, `NEW.${quoteName(column)}`];
    return `CAST(${old} AS BINARY) <=> CAST(${fresh} AS BINARY)`;
  });
  return `IF NOT (${same.join(" AND ")}) THEN ${sql} END IF;`;
}

function step(
  walk: Walk,
  { key, reached }: { readonly key: ForeignKey; readonly reached: Reached },
  depth: number,
): string {
  const { space, catalogue } = walk;
  const child = catalogue.tables.find(({ name }) => name === key.table);
  if (child === undefined) return "";
  const alias = `r${depth}`;
  const on = key.columns.map(
    (column, i) =>
      `${alias}.${quoteName(column)} = ${reached.row}${quoteName(key.parentColumns[i] ?? "")}`,
  );
  const to: Reached = {
    table: child.name,
    row: `${alias}.`,
    from: [...reached.from, `${tableName(space.of, child.name)} AS ${alias}`],
    where: [...reached.where, ...on],
    becomes: becoming(key, reached),
  };
  const source = `FROM ${to.from.join(" STRAIGHT_JOIN ")} WHERE ${to.where.join(" AND ")}`;
  const columns = child.columns.map(({ name }) => name);
  walk.count.statements += 1;
  return (
    `INSERT INTO ${freshOf(space, child)}(seq, had, ${slots(child).join(", ")}) SELECT UUID_SHORT(), 1, ${nameList(columns, to.row)} ${source};` +
    `IF ROW_COUNT() > 0 THEN ${logNewKeys(space, { child, to, source })} ${next(walk, to, depth + 1)} DO 0; END IF;`
  );
}

/** What a foreign key makes of the columns of the rows that refer. */
function becoming(key: ForeignKey, reached: Reached): Reached["becomes"] {
  const rule = ruleOf(key, reached);
  if (rule === "CASCADE" && reached.becomes === undefined) return undefined;
  return (column) => {
    const at = key.columns.indexOf(column);
    if (at < 0) return undefined;
    return rule === "SET NULL" ? "NULL" : reached.becomes?.(key.parentColumns[at] ?? "");
  };
}

/** A row whose key follows its parent's comes to be under another key. One that exists stays. */
function logNewKeys(
  space: Space,
  { child, to, source }: { readonly child: Table; readonly to: Reached; readonly source: string },
): string {
  const { becomes } = to;
  if (becomes === undefined || !child.key.some((name) => becomes(name) !== undefined)) return "";
  const values = child.key.map((name) => becomes(name) ?? `${to.row}${quoteName(name)}`);
  const exists = child.key.map((name, i) => `k.${quoteName(name)} = ${values[i] ?? ""}`);
  return (
    `INSERT INTO ${freshOf(space, child)}(seq, had, ${slots(child, child.key).join(", ")}) SELECT UUID_SHORT(), 0, ${values.join(", ")} ${source} ` +
    `AND NOT EXISTS (SELECT 1 FROM ${tableName(space.of, child.name)} AS k WHERE ${exists.join(" AND ")});`
  );
}
