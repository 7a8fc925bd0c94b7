import type { OpenTransaction } from "../sql/quiescence.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Control } from "./control.ts";
import { isForbidden } from "./control.ts";
import { readRows } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";
import { quoteText } from "./quote.ts";
import { freshOf } from "./space.ts";

/**
 * A query that tells whether other connections have a transaction open, also one that only reads: it
 * would go on reading what was there before a rollback.
 */
export interface OpenQuery {
  readonly sql: string;
  /** Reads the answer: numbers of connections, which may be of other databases. */
  readonly read: (rows: readonly unknown[]) => readonly number[];
}

const MYSQL = (database: string): OpenQuery => ({
  sql: `SELECT t.PROCESSLIST_ID AS id FROM performance_schema.events_transactions_current AS e
    JOIN performance_schema.threads AS t ON t.THREAD_ID = e.THREAD_ID
    WHERE e.STATE = 'ACTIVE' AND t.PROCESSLIST_ID <> CONNECTION_ID() AND t.PROCESSLIST_DB = ${quoteText(database)}`,
  read: (rows) => (rows as readonly { readonly id: number }[]).map(({ id }) => id),
});

/** Its table of transactions is brought up to date every 100 ms only, and only if nobody reads it. */
const MARIADB: OpenQuery = {
  sql: "SHOW ENGINE INNODB STATUS",
  read: (rows) => {
    const [{ Status: text = "" } = {}] = rows as readonly { readonly Status?: string }[];
    const list = text.slice(text.indexOf("LIST OF TRANSACTIONS"));
    return list
      .split("---TRANSACTION ")
      .slice(1)
      .filter((part) => /^[^\n]*, ACTIVE/.test(part))
      .flatMap((part) => /thread id (\d+)/.exec(part)?.[1] ?? [])
      .map(Number);
  },
};

/** The query for a server; `undefined` when the user may not ask. */
export async function openQuery(
  { client, isMariaDb }: Control,
  database: string,
): Promise<OpenQuery | undefined> {
  const query = isMariaDb ? MARIADB : MYSQL(database);
  try {
    await client.query(query.sql);
    return query;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** What would have to be granted for {@link openQuery}. */
export const SEE_TRANSACTIONS = {
  mariadb: "GRANT PROCESS ON *.*",
  mysql: "GRANT SELECT ON performance_schema.*",
} as const;

interface Process {
  readonly id: number;
  readonly user: string;
  readonly command: string;
  readonly info: string | null;
}

/** Tells of connections what is known, of those in other databases nothing. */
export async function describeOpen(
  control: Control,
  { database }: Pick<ModeTarget, "database">,
  ids: readonly number[],
): Promise<readonly OpenTransaction[]> {
  const { client } = control;
  const others = ids.filter((id) => id !== client.threadId);
  if (others.length === 0) return [];
  const processes = await readRows<Process>(
    client,
    `SELECT ID AS id, CONCAT(USER, '@', HOST) AS user, COMMAND AS command, INFO AS info FROM information_schema.PROCESSLIST
     WHERE DB = ? AND ID IN (${others.join(", ")})`,
    [database],
  );
  const last = await lastStatements(control, others);
  return processes.map(({ id, user, command, info }) => ({
    pid: id,
    state: command === "Sleep" ? "idle in transaction" : command.toLowerCase(),
    query: info ?? last.get(id) ?? "(its last statement is not known: performance_schema is off)",
    application: user,
  }));
}

/** The statements that connections ran last, where the server keeps them. */
async function lastStatements(
  { client }: Control,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await readRows<{ id: number; text: string | null }>(
    client,
    `SELECT t.PROCESSLIST_ID AS id, e.SQL_TEXT AS text FROM performance_schema.events_statements_current AS e
     JOIN performance_schema.threads AS t ON t.THREAD_ID = e.THREAD_ID WHERE t.PROCESSLIST_ID IN (${ids.join(", ")})`,
  ).catch((error: unknown) => {
    if (isForbidden(error)) return [];
    throw error;
  });
  return new Map(rows.flatMap(({ id, text }) => (text === null ? [] : [[id, text]])));
}

/**
 * Tells which tables have been written to by transactions that are not over: rows of the log that
 * only a dirty read sees.
 */
export async function uncommittedTables(
  { client }: Control,
  { space }: Pick<ModeTarget, "space">,
  { tables }: Pick<Catalogue, "tables">,
): Promise<readonly string[]> {
  const logged = tables.filter(({ isTransactional }) => isTransactional);
  if (logged.length === 0) return [];
  const count = logged
    .map((table) => `SELECT ${table.id} AS id, COUNT(seq) AS n FROM ${freshOf(space, table)}`)
    .join(" UNION ALL ");
  const read = async (level: string): Promise<readonly { id: number; n: number }[]> => {
    await client.query(`SET TRANSACTION ISOLATION LEVEL ${level}`);
    return readRows<{ id: number; n: number }>(client, count);
  };
  const [dirty, clean] = [await read("READ UNCOMMITTED"), await read("READ COMMITTED")];
  return logged.filter((_, i) => dirty[i]?.n !== clean[i]?.n).map(({ name }) => name);
}
