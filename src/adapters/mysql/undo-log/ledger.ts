import type { RestoreSql, Statement } from "./restore-sql.ts";

/** Where in the log everything is. Only our own session moves it, so it is kept here. */
export interface Ledger {
  /** The position of what is written from now on. */
  readonly place: () => string;
  /** Statements that log the fresh versions of tables. */
  readonly fold: (fresh: readonly number[]) => readonly Statement[];
  /** Tables in which something was logged after a position. */
  readonly touchedSince: (since: string) => readonly number[];
  /** Statements that put back to a position and go ways from there. */
  readonly go: (fresh: readonly number[], since: string, way: readonly number[]) => Going;
  /** The way to a checkpoint leads through these tables. */
  readonly wasKept: (node: number, tables: readonly number[]) => void;
  readonly drop: (node: number) => readonly Statement[];
  readonly merge: (node: number, into: number) => readonly Statement[];
}

/** Statements, and what they lead to. */
export interface Going {
  readonly statements: readonly Statement[];
  readonly places: readonly string[];
  /** To be called once they have been committed. */
  readonly wasDone: () => void;
}

/** @param sql - The statements of each table, by its id. */
export function createLedger(sql: readonly RestoreSql[]): Ledger {
  let position = 1;
  /** Where each table was written to last; or later, when what was to be done there failed. */
  const lastAt = new Map<number, number>();
  const tablesOf = new Map<number, ReadonlySet<number>>();

  const touchedSince = (since: string): readonly number[] =>
    [...lastAt].filter(([, at]) => at >= Number(since)).map(([id]) => id);

  function fold(fresh: readonly number[]): readonly Statement[] {
    const at = position++;
    for (const id of fresh) lastAt.set(id, at);
    return fresh.flatMap((id) => sql[id]?.fold(at) ?? []);
  }

  function takeTables(node: number): readonly number[] {
    const tables = [...(tablesOf.get(node) ?? [])];
    tablesOf.delete(node);
    return tables;
  }

  return {
    place: () => String(position),
    fold,
    touchedSince,
    go: (fresh, since, way) => {
      const statements = [...fold(fresh)];
      const undone = touchedSince(since);
      statements.push(...undone.flatMap((id) => sql[id]?.undo(since) ?? []));
      const moves = undone.map((id): [number, number] => [id, Number(since) - 1]);
      const places = [String(position)];
      for (const node of way) {
        const at = position++;
        for (const id of tablesOf.get(node) ?? []) {
          statements.push(...(sql[id]?.redo(node, at) ?? []));
          moves.push([id, at]);
        }
        places.push(String(position));
      }
      return {
        statements,
        places,
        wasDone: () => {
          for (const [id, at] of moves) lastAt.set(id, at);
        },
      };
    },
    wasKept: (node, tables) => void tablesOf.set(node, new Set(tables)),
    drop: (node) => takeTables(node).flatMap((id) => sql[id]?.drop(node) ?? []),
    merge: (node, into) => {
      const tables = takeTables(node);
      tablesOf.set(into, new Set([...tables, ...(tablesOf.get(into) ?? [])]));
      return tables.flatMap((id) => sql[id]?.merge(node, into) ?? []);
    },
  };
}
