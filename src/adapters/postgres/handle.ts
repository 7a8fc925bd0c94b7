import type { WayIn, WaysIn } from "../sql/ways-in.ts";
import type { Connect, PostgresClient, PostgresResult } from "./driver.ts";
import { handleParser } from "./values.ts";

/** Values for `$1`, `$2` and so on. */
export type PostgresParams = readonly unknown[];

/** What the user's functions hold of a PostgreSQL database. */
export interface PostgresHandle {
  /**
   * Runs one statement and reads its rows. `bigint` and `count(*)` are numbers, beyond 2^53 bigints;
   * all else is as pg reads it.
   *
   * @throws The driver's error; ExploreError `EXPLORE_SAVEPOINT_LOST` when a `COMMIT` ended the
   * transaction that isolation `savepoint` needs.
   */
  readonly query: <T = Record<string, unknown>>(
    sql: string,
    params?: PostgresParams,
  ) => Promise<T[]>;
  /** Runs one statement for its effect. Throws as `query` does. */
  readonly execute: (sql: string, params?: PostgresParams) => Promise<PostgresResult>;
  /** The database's connection string, for an app. Reading it tells us that others may write to it. */
  readonly url: string;
  /**
   * A connected `pg.Client` for an app in the test's own process; the world closes it. With isolation
   * `savepoint` it is the one session that everything runs in.
   */
  readonly client: () => Promise<PostgresClient>;
}

/** The handle, and what a mode needs to know of its use. */
export interface Access extends WaysIn {
  readonly handle: PostgresHandle;
  /** The handle's own connection, opened when it is first needed. */
  readonly session: () => Promise<PostgresClient>;
  /** Closes the own connection; it is opened again when it is next needed. */
  readonly closeSession: () => Promise<void>;
  /** Closes all connections; the own one is opened again when it is next needed. */
  readonly close: () => Promise<void>;
  /** Runs while none of the handle's statements does. */
  readonly alone: <T>(run: () => Promise<T>) => Promise<T>;
  /** From now on the session is in a transaction; runs after each of the handle's statements. */
  readonly guardSession: (check: () => void) => void;
}

/** What {@link createAccess} needs to know of the database. */
export interface AccessTarget {
  readonly connect: Connect;
  readonly database: string;
  readonly url: string;
  /** Whether the app shall get the handle's own session. */
  readonly sharesSession: boolean;
}

/** Makes the handle of a database. */
export function createAccess(target: AccessTarget): Access {
  const { connect, database, url, sharesSession } = target;
  const handedOut = new Set<WayIn>();
  const given: Promise<PostgresClient>[] = [];
  const { session, closeSession } = createSession(() => connect(database, handleParser));
  let last: Promise<unknown> = Promise.resolve();
  let guardWay: ((way: WayIn) => void) | undefined;
  let check: (() => void) | undefined;

  function alone<T>(run: () => Promise<T>): Promise<T> {
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  }

  async function run(sql: string, params: PostgresParams): Promise<PostgresResult> {
    const client = await session();
    if (check === undefined) return client.query(sql, params);
    const result = await guarded(client, () => client.query(sql, params));
    check();
    return result;
  }

  function handOut(way: WayIn): void {
    guardWay?.(way);
    handedOut.add(way);
  }

  return {
    handle: {
      query: async <T>(sql: string, params: PostgresParams = []) =>
        (await alone(() => run(sql, params))).rows as T[],
      execute: (sql, params = []) => alone(() => run(sql, params)),
      get url() {
        handOut("url");
        return url;
      },
      client: async () => {
        handOut("client");
        if (sharesSession) return session();
        const client = connect(database);
        given.push(client);
        return client;
      },
    },
    session,
    closeSession,
    close: async () => {
      const open = given.splice(0).map(async (client) => (await client).end());
      await Promise.allSettled([closeSession(), ...open]);
    },
    alone,
    handedOut,
    guardWaysIn: (guard) => {
      guardWay = guard;
    },
    guardSession: (guard) => {
      check = guard;
    },
  };
}

function createSession(
  open: () => Promise<PostgresClient>,
): Pick<Access, "session" | "closeSession"> {
  let own: Promise<PostgresClient> | undefined;
  return {
    session: () => (own ??= open()),
    closeSession: async () => {
      const closing = own;
      own = undefined;
      await (await closing)?.end();
    },
  };
}

/** A statement that fails would spoil the transaction around it. */
async function guarded<T>(client: PostgresClient, run: () => Promise<T>): Promise<T> {
  await client.query("SAVEPOINT explore_guard");
  try {
    const result = await run();
    if (client.getTransactionStatus?.() !== "T") return result;
    // Without it the text has ended our transaction and begun another: that ends too, and is seen.
    await client.query("RELEASE explore_guard").catch(() => client.query("ROLLBACK"));
    return result;
  } catch (error) {
    // The driver tells an error before it knows the transaction's state.
    await client.query("ROLLBACK TO explore_guard; RELEASE explore_guard").catch(() => {
      // The statement has ended the transaction as well: the next verb says so.
    });
    throw error;
  }
}
