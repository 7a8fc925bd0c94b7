import type { OpenTransaction } from "../../sql/quiescence.ts";
import type { Obstacle } from "../../sql/standing.ts";
import { isBlocked } from "../control.ts";
import type { MysqlClient, MysqlQuery } from "../driver.ts";
import { queryAll } from "../driver.ts";
import type { EngineParts } from "./engine.ts";
import { describeOpen, uncommittedTables } from "../open-transactions.ts";
import type { Statement } from "./restore-sql.ts";
import type { SchemaGuard } from "./schema-guard.ts";
import { SCHEMA_STATEMENTS } from "../shape.ts";
import { freshOf } from "../space.ts";
import { asBytes } from "../values.ts";

/** What is done while nobody writes. */
export interface Work<T> {
  readonly statements: readonly Statement[];
  /** Rows are lists of bytes. */
  readonly isRaw?: boolean;
  /** Called once all of it has been committed. */
  readonly read: (answers: readonly unknown[]) => T;
}

/** @param plan - Takes the ids of tables with fresh versions. Called again when it is tried again. */
export type Locked = <T>(plan: (fresh: readonly number[]) => Work<T>) => Promise<T | Obstacle>;

/**
 * Runs work in a transaction that holds all fresh versions, so that nobody writes meanwhile. A
 * transaction that has written and is still open holds some of them: then the lock is refused.
 */
export function lockedRunner(parts: EngineParts, guard: SchemaGuard): Locked {
  const { control, openQuery, isSession } = parts;
  const { client } = control;
  const asking = openQuery === undefined || isSession ? [] : [openQuery.sql];
  const lock = lockSql(parts);
  const start = [
    SCHEMA_STATEMENTS,
    ...asking,
    ...(isSession ? [] : ["START TRANSACTION"]),
    ...(lock === undefined ? [] : [lock]),
  ];
  const [commit, rollback] = isSession ? [[], []] : [["COMMIT"], ["ROLLBACK"]];

  async function obstacleIn(answers: readonly unknown[]): Promise<Obstacle | undefined> {
    if (!guard.isSame(answers[0])) return { schema: true };
    if (asking.length === 0) return undefined;
    const ids = openQuery?.read(answers[1] as readonly unknown[]) ?? [];
    const open = await describeOpen(control, parts.target, ids);
    return open.length === 0 ? undefined : { open };
  }

  return async (plan) => {
    try {
      const answers = await queryAll(client, start);
      const obstacle = await obstacleIn(answers);
      if (obstacle !== undefined) {
        await queryAll(client, rollback);
        return obstacle;
      }
      const work = plan(lock === undefined ? [] : freshIn(answers.at(-1)));
      const raw = work.isRaw === true ? { rowsAsArray: true, typeCast: asBytes } : {};
      return work.read(await runWork(client, { statements: work.statements, commit, raw }));
    } catch (error) {
      await queryAll(client, rollback).catch(() => {
        // The connection is gone; the first error says why.
      });
      if (isSession || !isBlocked(error)) throw error;
      return { open: await whoHolds(parts) };
    }
  };
}

interface Running {
  readonly statements: readonly Statement[];
  readonly commit: readonly string[];
  readonly raw: Omit<MysqlQuery, "sql">;
}

/**
 * Answers in the order of the statements. Servers that keep track of transactions for replicas allow
 * writes to plain tables outside of them only.
 */
async function runWork(
  client: MysqlClient,
  { statements, commit, raw }: Running,
): Promise<readonly unknown[]> {
  const inside = statements.filter(({ isPlain }) => !isPlain);
  const outside = statements.filter(({ isPlain }) => isPlain);
  const all = [...inside.map(({ sql }) => sql), ...commit, ...outside.map(({ sql }) => sql)];
  const answers = await queryAll(client, all, raw);
  const answerOf = new Map([
    ...inside.map((statement, i) => [statement, answers[i]] as const),
    ...outside.map(
      (statement, i) => [statement, answers[inside.length + commit.length + i]] as const,
    ),
  ]);
  return statements.map((statement) => answerOf.get(statement));
}

function lockSql({ target, catalogue, isSession }: EngineParts): string | undefined {
  const parts = catalogue.tables.map((table) => {
    // A count would be answered without locks.
    const sum = `SELECT ${table.id} AS id, SUM(had) AS n FROM ${freshOf(target.space, table)}`;
    return isSession || !table.isTransactional ? `(${sum})` : `(${sum} FOR UPDATE NOWAIT)`;
  });
  return parts.length === 0 ? undefined : parts.join(" UNION ALL ");
}

function freshIn(answer: unknown): readonly number[] {
  const rows = answer as readonly { readonly id: number; readonly n: unknown }[];
  return rows.filter(({ n }) => n !== null).map(({ id }) => id);
}

/** Tells of the transactions that are in the way of a lock what can be known. */
async function whoHolds({
  control,
  target,
  catalogue,
  openQuery,
}: EngineParts): Promise<readonly OpenTransaction[]> {
  const tables = await uncommittedTables(control, target, catalogue);
  const wrote = tables.length === 0 ? "" : `, has written to ${tables.join(", ")}`;
  const [answer] = openQuery === undefined ? [[]] : await queryAll(control.client, [openQuery.sql]);
  const ids = openQuery?.read(answer as readonly unknown[]) ?? [];
  const open = await describeOpen(control, target, ids);
  if (open.length > 0) return open.map((it) => ({ ...it, state: it.state + wrote }));
  return wrote === ""
    ? []
    : [{ pid: 0, state: `open${wrote}`, query: "(not known)", application: "another database's" }];
}
