import { show, usageError } from "../../errors.ts";
import type { Value } from "../adapter.ts";
import { readonlyRow, type MockRow } from "./tables.ts";

/** `column = value`. */
export interface Condition {
  readonly column: string;
  readonly value: Value;
}

export type Statement =
  | { readonly verb: "insert"; readonly table: string; readonly rows: readonly MockRow[] }
  | { readonly verb: "delete"; readonly table: string; readonly where: readonly Condition[] }
  | {
      readonly verb: "update";
      readonly table: string;
      readonly set: MockRow;
      readonly where: readonly Condition[];
    };

const NAME = String.raw`["\x60]?(\w+)["\x60]?`;
const INSERT = new RegExp(
  String.raw`^INSERT\s+INTO\s+${NAME}\s*(?:\(([^)]*)\)\s*)?VALUES\s*\(([?,\s]*)\)$`,
  "i",
);
const UPDATE = new RegExp(String.raw`^UPDATE\s+${NAME}\s+SET\s+(.+?)(?:\s+WHERE\s+(.+))?$`, "is");
const DELETE = new RegExp(String.raw`^DELETE\s+FROM\s+${NAME}(?:\s+WHERE\s+(.+))?$`, "is");
const EQUALITY = new RegExp(String.raw`^${NAME}\s*=\s*\?$`);

/**
 * Reads one of the few statements a mock understands.
 *
 * @throws ExploreError `EXPLORE_USAGE` with the statement and what is understood.
 */
export function parseStatement(sql: string, params: readonly unknown[]): Statement {
  const text = sql.trim().replace(/;$/, "");
  const needed = text.split("?").length - 1;
  if (needed !== params.length) {
    throw usageError(
      `mock.execute(${show(sql)})`,
      `has ${needed} placeholders and got ${params.length} params`,
      "Give one value for each `?`, in order.",
    );
  }
  const statement =
    readInsert(text, params) ?? readUpdate(text, params) ?? readDelete(text, params);
  if (statement !== undefined) return statement;
  throw usageError(
    `mock.execute(${show(sql)})`,
    "is not a statement that a mock understands",
    "It knows INSERT INTO t VALUES (?), UPDATE t SET a = ? WHERE b = ?, and DELETE FROM t WHERE a = ?. " +
      "For anything more use a real database: sqlite() needs no server.",
  );
}

function readInsert(text: string, params: readonly unknown[]): Statement | undefined {
  const match = INSERT.exec(text);
  const table = match?.[1];
  if (table === undefined) return undefined;
  const columns = match?.[2]?.split(",").map((column) => column.trim().replaceAll(/["`]/g, ""));
  if (columns !== undefined) {
    if (columns.length !== params.length) return undefined;
    const row = Object.fromEntries(columns.map((column, index) => [column, params[index]]));
    return { verb: "insert", table, rows: [readonlyRow(row)] };
  }
  // Without column names the one placeholder stands for a whole row, as in the seed.
  if (params.length !== 1) return undefined;
  const rows: readonly unknown[] = Array.isArray(params[0]) ? params[0] : [params[0]];
  return { verb: "insert", table, rows: rows.map((row) => readonlyRow(row)) };
}

function readUpdate(text: string, params: readonly unknown[]): Statement | undefined {
  const match = UPDATE.exec(text);
  const table = match?.[1];
  const assignments = equalities(match?.[2], ",", params);
  if (table === undefined || assignments === undefined) return undefined;
  const where = equalities(match?.[3] ?? "", "AND", params.slice(assignments.length));
  if (where === undefined) return undefined;
  const set = readonlyRow(Object.fromEntries(assignments.map((a) => [a.column, a.value])));
  return { verb: "update", table, set, where };
}

function readDelete(text: string, params: readonly unknown[]): Statement | undefined {
  const match = DELETE.exec(text);
  const table = match?.[1];
  if (table === undefined) return undefined;
  const where = equalities(match?.[2] ?? "", "AND", params);
  return where && { verb: "delete", table, where };
}

/** Reads `a = ? <joint> b = ?`; no text is no condition; `undefined` when it is anything else. */
function equalities(
  text: string | undefined,
  joint: "AND" | ",",
  params: readonly unknown[],
): readonly Condition[] | undefined {
  if (text === undefined) return undefined;
  if (text === "") return [];
  const separator = joint === "AND" ? /\s+AND\s+/i : /\s*,\s*/;
  const conditions: Condition[] = [];
  for (const [index, part] of text.trim().split(separator).entries()) {
    const column = EQUALITY.exec(part)?.[1];
    if (column === undefined) return undefined;
    conditions.push({ column, value: params[index] as Value });
  }
  return conditions;
}
