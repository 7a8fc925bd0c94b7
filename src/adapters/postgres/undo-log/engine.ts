import { compareLines } from "../../sql/attempt.ts";
import { quoteText } from "../../sql/quote.ts";
import type { Log, Obstacle } from "../../sql/standing.ts";
import type { Catalogue } from "../catalogue.ts";
import { OURS, readCatalogue } from "../catalogue.ts";
import type { ChangedRow } from "../diff.ts";
import type { PostgresClient } from "../driver.ts";
import { sqlState } from "../driver.ts";
import { installSql } from "./engine-sql.ts";
import type { Counters } from "./history.ts";
import type { OpenTransaction } from "../quiescence.ts";
import { shapeSql } from "../shape.ts";

/** The functions that were installed in a database, each one round trip. */
export interface Engine extends Log<Counters> {
  readonly catalogue: Catalogue;
  /** What changed in the schema since the installation, one line each; empty when nothing did. */
  readonly schemaChanges: () => Promise<readonly string[]>;
  readonly changes: (since: string) => Promise<readonly ChangedRow[] | Obstacle>;
}

/** Removes log, triggers and functions, whoever left them. */
export const UNINSTALL = `DROP SCHEMA IF EXISTS ${OURS} CASCADE`;

/** What a log is installed for. */
export interface InstallOptions {
  readonly schemas: readonly string[] | undefined;
  /** Only this session writes, in the transaction that is open. */
  readonly isSession: boolean;
  /** Whether the database is the user's own, where nothing else but rows may change. */
  readonly isGiven: boolean;
}

/** Installs the log; must be called inside a transaction. */
export async function installEngine(
  client: PostgresClient,
  { schemas, isSession, isGiven }: InstallOptions,
): Promise<Engine> {
  const catalogue = await readCatalogue(client, schemas);
  const { rows } = await client.query<Session>(
    `SELECT rolsuper AS "isSuper", current_setting('max_prepared_transactions')::int AS prepared,
       rolsuper OR pg_has_role('pg_read_all_stats', 'USAGE') AS "seesOthers",
       concat_ws(', ', 'pg_catalog', (SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') FROM pg_operator o
         JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE n.nspname <> 'pg_catalog')) AS path
     FROM pg_roles WHERE rolname = current_user`,
  );
  const { isSuper = false, prepared = 0, seesOthers = false, path = "pg_catalog" } = rows[0] ?? {};
  if (!isGiven && !isSession) await takeCachesAway(client, catalogue);
  await client.query(
    installSql({
      catalogue,
      shape: shapeSql(schemas),
      path,
      withEventTrigger: isSuper,
      withPreparedTransactions: prepared > 0,
      seesOthers,
      // What a crash of the server leaves of our own database is not worth repairing.
      isLasting: isGiven,
      isSession,
    }),
  );
  return createEngine(client, catalogue);
}

interface Session {
  readonly isSuper: boolean;
  readonly prepared: number;
  readonly seesOthers: boolean;
  readonly path: string;
}

/**
 * A connection that has taken values of a sequence ahead goes on with them after a rollback, and
 * meets those that others are given anew. To restart a sequence takes them from all connections.
 */
async function takeCachesAway(
  client: PostgresClient,
  { cachedSequences }: Catalogue,
): Promise<void> {
  for (const { name, isOwned } of cachedSequences) {
    if (!isOwned) continue;
    await client.query(`ALTER SEQUENCE ${name} CACHE 1`);
    const { rows } = await client.query<{ last: string; called: boolean }>(
      `SELECT last_value::text AS last, is_called AS called FROM ${name}`,
    );
    const [{ last, called } = { last: "1", called: false }] = rows;
    await client.query(`ALTER SEQUENCE ${name} RESTART WITH ${last}`);
    await client.query(`SELECT setval(${quoteText(name)}, ${last}, ${called})`);
  }
}

/** The functions of a log that is installed, in this database or in the one it is a copy of. */
export async function createEngine(client: PostgresClient, catalogue: Catalogue): Promise<Engine> {
  const readVersion = async (): Promise<string> => {
    const sql = `SELECT ${OURS}.schema_version()::text AS version`;
    return (await client.query<{ version: string }>(sql)).rows[0]?.version ?? "";
  };
  const readShape = async (): Promise<readonly string[]> => {
    const sql = `SELECT line FROM ${OURS}.shape() AS line ORDER BY line`;
    return (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line);
  };
  const shape = await readShape();
  let version = await readVersion();

  async function call<Row>(name: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const text = CALLS[name] ?? "";
    return (await client.query<Row>({ name: `${OURS}_${name}`, text, values })).rows;
  }

  return {
    catalogue,
    schemaChanges: async () => {
      const now = await readShape();
      const changes = compareLines(shape, now);
      // A change that was rolled back, or one of a temporary table.
      if (changes.length === 0) version = await readVersion();
      return changes;
    },
    save: async (since, node) => {
      const [row] = await call<SaveAnswer>("save", [since, node, version]);
      if (row === undefined || row.problem !== null) return obstacle(row?.problem);
      const { place, touched, last, called } = row;
      return { place, touched, counters: { last, called } };
    },
    travel: async (since, way, { counters }) => {
      const values = [since, way, version, counters.last, counters.called];
      const [row] = await call<TravelAnswer>("travel", values);
      return row === undefined || row.problem !== null ? obstacle(row?.problem) : row.places;
    },
    changes: async (since) => {
      const rows = await call<ChangedRow>("changes", [since, version]);
      return rows[0]?.of_table === -1 ? { schema: true } : rows;
    },
    drop: async (node) => void (await call("drop", [node])),
    merge: async (node, into) => void (await call("merge", [node, into])),
  };
}

const CALLS: Readonly<Record<string, string>> = {
  save: `SELECT problem, place::text, touched, last::text[], called FROM ${OURS}.save($1, $2, $3)`,
  travel: `SELECT problem, places::text[] FROM ${OURS}.travel($1, $2, $3, $4, $5)`,
  changes: `SELECT of_table, was, is_now FROM ${OURS}.changes($1, $2)`,
  drop: `SELECT ${OURS}.drop_way($1)`,
  merge: `SELECT ${OURS}.merge_ways($1, $2)`,
};

interface SaveAnswer {
  readonly problem: string | null;
  readonly place: string;
  readonly touched: readonly number[];
  readonly last: readonly string[] | null;
  readonly called: readonly boolean[] | null;
}

interface TravelAnswer {
  readonly problem: string | null;
  readonly places: readonly string[];
}

function obstacle(problem: string | null | undefined): Obstacle {
  if (problem === "schema" || problem === undefined || problem === null) return { schema: true };
  return { open: JSON.parse(problem) as readonly OpenTransaction[] };
}

/** An installation that an action broke, e.g. by dropping a column of a table that is logged. */
export function isBroken(error: unknown): boolean {
  // Undefined column, function, table, schema; datatype mismatch.
  return ["42703", "42883", "42P01", "3F000", "42804"].includes(sqlState(error));
}
