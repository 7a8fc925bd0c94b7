import { show, usageError } from "../../errors.ts";
import type { System, Value } from "../adapter.ts";
import { defineAdapter } from "../define-adapter.ts";
import { diffTables, observeTables } from "./observe.ts";
import { parseStatement, type Condition, type Statement } from "./statement.ts";
import { emptyTables, readonlyRow, type MockRow, type Tables } from "./tables.ts";

export type { MockRow } from "./tables.ts";

/** What `mock` takes; all of it optional. */
export interface MockOptions {
  /** Rows by collection. Plain data; copied. Defaults to no collections. */
  readonly initialState?: Readonly<Record<string, readonly MockRow[]>>;
}

/** A store in memory with the verbs of a database, for tests without one. */
export interface MockHandle {
  /** The rows of a collection, in order of insertion; they are frozen. Empty for an unknown one. */
  readonly query: <T extends object = MockRow>(collection: string) => readonly Readonly<T>[];
  /**
   * Runs one statement: `INSERT INTO users VALUES (?)` with a row (or an array of rows),
   * `INSERT INTO users (name) VALUES (?)`, `UPDATE users SET name = ? WHERE id = ?`,
   * `DELETE FROM users WHERE id = ?`. Conditions are equalities joined by AND.
   *
   * @param params - A value for each `?`, first to last.
   * @returns The number of rows inserted, changed or deleted.
   * @throws ExploreError `EXPLORE_USAGE` for any other statement and for a wrong number of params.
   */
  readonly execute: (sql: string, params?: readonly unknown[]) => number;
  /** Empties every collection. */
  readonly clear: () => void;
}

/**
 * A system without a server: collections of rows in the test's own memory.
 *
 * @throws ExploreError `EXPLORE_USAGE` when `initialState` is not made of arrays of plain rows.
 */
export function mock(options: MockOptions = {}): System<MockHandle> {
  const initial = readInitialState(options);
  return {
    kind: "mock",
    exclusive: false,
    stage: "store",
    inputs: { paths: [], complete: true },
    connect: async ({ name }) => {
      // Tables are never changed in place, so a checkpoint is a reference.
      let tables = initial;
      return {
        handle: {
          query: <T extends object>(collection: string) =>
            (tables.get(collection) ?? []) as unknown as readonly Readonly<T>[],
          execute: (sql, params = []) => {
            const [next, count] = apply(tables, parseStatement(sql, params));
            tables = next;
            return count;
          },
          clear: () => {
            tables = emptyTables(tables);
          },
        },
        adapter: defineAdapter<Tables>(name, {
          open: () => ({
            isolation: { mode: "copy", reason: "the data is in memory", notRestored: [] },
            capabilities: { history: "tree", scope: "server", schema: true, counters: true },
          }),
          save: () => tables,
          restore: (saved) => {
            tables = saved;
          },
          observe: (onText) => observeTables(tables, onText),
          diff: (since) => diffTables(since, tables),
          close: () => {
            tables = initial;
          },
        }),
      };
    },
  };
}

function apply(tables: Tables, statement: Statement): readonly [Tables, number] {
  const rows = tables.get(statement.table) ?? [];
  const change = changeRows(rows, statement);
  return [new Map(tables).set(statement.table, change.rows), change.count];
}

interface Change {
  readonly rows: readonly MockRow[];
  readonly count: number;
}

function changeRows(rows: readonly MockRow[], statement: Statement): Change {
  switch (statement.verb) {
    case "insert":
      return { rows: [...rows, ...statement.rows], count: statement.rows.length };
    case "delete": {
      const kept = rows.filter((row) => !matches(row, statement.where));
      return { rows: kept, count: rows.length - kept.length };
    }
    case "update": {
      const count = rows.filter((row) => matches(row, statement.where)).length;
      const change = (row: MockRow): MockRow => readonlyRow({ ...row, ...statement.set });
      return {
        rows: rows.map((row) => (matches(row, statement.where) ? change(row) : row)),
        count,
      };
    }
  }
}

function matches(row: MockRow, where: readonly Condition[]): boolean {
  return where.every(({ column, value }) => Object.is(row[column], value));
}

function readInitialState(options: MockOptions): Tables {
  for (const key of Object.keys(options)) {
    if (key !== "initialState") {
      throw usageError(`mock(): ${key}`, "is not an option", "The only option is `initialState`.");
    }
  }
  const state: unknown = options.initialState ?? {};
  const cure = 'Give an array of rows per collection: `{ users: [{ name: "Alice" }] }`.';
  if (typeof state !== "object" || state === null || Array.isArray(state)) {
    throw usageError("mock(): initialState", `must be an object, got ${show(state)}`, cure);
  }
  return new Map(
    Object.entries(state).map(([collection, rows]: [string, unknown]) => {
      const where = `mock(): initialState.${collection}`;
      if (!Array.isArray(rows))
        throw usageError(where, `must be an array, got ${show(rows)}`, cure);
      return [collection, rows.map((row: Value, index) => readonlyRow(row, `${where}[${index}]`))];
    }),
  );
}
