import { ExploreError } from "../../errors.ts";
import type { WayIn, WaysIn } from "../sql/ways-in.ts";
import { close as closeClient } from "./control.ts";
import type { Connect, MysqlClient, MysqlResult } from "./driver.ts";
import { errorNumber } from "./driver.ts";
import { asHandle } from "./values.ts";

/** Values for `?` placeholders, or for the driver's named ones. */
export type MysqlParams = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What the user's functions hold of a MySQL or MariaDB database. */
export interface MysqlHandle {
  /**
   * Runs one statement and reads its rows. `BIGINT` and counts are numbers, beyond 2^53 bigints; all
   * else is as mysql2 reads it: `DECIMAL` a text, `DATETIME` and `TIMESTAMP` a `Date`.
   *
   * @throws The driver's error; ExploreError `EXPLORE_DATABASE_LOCKED` when the statement waited too
   * long for a lock, `EXPLORE_SAVEPOINT_LOST` when it ended the transaction that isolation
   * `savepoint` needs.
   */
  readonly query: <T = Record<string, unknown>>(sql: string, params?: MysqlParams) => Promise<T[]>;
  /** Runs one statement for its effect. Throws as `query` does. */
  readonly execute: (sql: string, params?: MysqlParams) => Promise<MysqlResult>;
  /** The database's connection string, for an app. Reading it tells us that others may write to it. */
  readonly url: string;
  /**
   * A connection of `mysql2/promise` for an app in the test's own process; the world closes it. With
   * isolation `savepoint` it is the one session that everything runs in.
   */
  readonly client: () => Promise<MysqlClient>;
}

/** The handle, and what a mode needs to know of its use. */
export interface Access extends WaysIn {
  readonly handle: MysqlHandle;
  /** The handle's own connection, opened when it is first needed. */
  readonly session: () => Promise<MysqlClient>;
  /** Closes all connections; the own one is opened again when it is next needed. */
  readonly close: () => Promise<void>;
  /** Runs while none of the handle's statements does. */
  readonly alone: <T>(run: () => Promise<T>) => Promise<T>;
  /** From now on the session is in a transaction; runs after each of the handle's statements. */
  readonly guardSession: (check: () => void) => void;
}

/** What {@link createAccess} needs to know of the database. */
export interface AccessTarget {
  readonly system: string;
  readonly connect: Connect;
  readonly database: string;
  readonly url: string;
  readonly connectionTimeoutMs: number;
  /** Whether the app shall get the handle's own session. */
  readonly sharesSession: boolean;
  /** Tells who holds the lock that a statement waited for in vain. */
  readonly whoHolds: () => Promise<string>;
}

/** Makes the handle of a database. */
export function createAccess(target: AccessTarget): Access {
  const handedOut = new Set<WayIn>();
  const connections = createConnections(target);
  let last: Promise<unknown> = Promise.resolve();
  let guardWay: ((way: WayIn) => void) | undefined;
  let check: (() => void) | undefined;

  function alone<T>(run: () => Promise<T>): Promise<T> {
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  }

  async function run(sql: string, values: MysqlParams | undefined): Promise<unknown> {
    const client = await connections.own();
    try {
      const [answer] = await client.query({ sql, typeCast: asHandle, ...(values && { values }) });
      check?.();
      return answer;
    } catch (cause) {
      throw errorNumber(cause) === LOCK_WAIT_TIMEOUT ? await locked(target, sql, cause) : cause;
    }
  }

  function handOut(way: WayIn): void {
    guardWay?.(way);
    handedOut.add(way);
  }

  return {
    handle: {
      query: async <T>(sql: string, params?: MysqlParams) => {
        const answer = await alone(() => run(sql, params));
        return (Array.isArray(answer) ? answer : []) as T[];
      },
      execute: async (sql, params) => (await alone(() => run(sql, params))) as MysqlResult,
      get url() {
        handOut("url");
        return target.url;
      },
      client: async () => {
        handOut("client");
        return target.sharesSession ? connections.own() : connections.another();
      },
    },
    session: connections.own,
    close: connections.close,
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

interface Connections {
  /** The handle's own, opened when it is first needed. */
  readonly own: () => Promise<MysqlClient>;
  readonly another: () => Promise<MysqlClient>;
  readonly close: () => Promise<void>;
}

function createConnections(target: AccessTarget): Connections {
  const given: Promise<MysqlClient>[] = [];
  let own: Promise<MysqlClient> | undefined;
  return {
    own: () => (own ??= openSession(target)),
    another: () => {
      const client = target.connect(target.database);
      given.push(client);
      return client;
    },
    close: async () => {
      const open = own === undefined ? given.splice(0) : [...given.splice(0), own];
      own = undefined;
      await Promise.allSettled(open.map(async (client) => closeClient(await client)));
    },
  };
}

/** Error 1205: for a row's lock and for a table's. */
const LOCK_WAIT_TIMEOUT = 1205;

async function openSession({
  connect,
  database,
  connectionTimeoutMs,
}: AccessTarget): Promise<MysqlClient> {
  const client = await connect(database, {
    supportBigNumbers: true,
    multipleStatements: true,
  });
  const seconds = Math.max(1, Math.ceil(connectionTimeoutMs / 1000));
  await client.query(`SET innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`);
  return client;
}

async function locked(
  { system, database, connectionTimeoutMs, whoHolds }: AccessTarget,
  sql: string,
  cause: unknown,
): Promise<ExploreError> {
  const holders = await whoHolds().catch(() => "");
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: Lock wait timeout exceeded: another transaction has held a lock for ${connectionTimeoutMs} ms.\n` +
      `  database:  ${database}\n` +
      `  statement: ${sql.replaceAll(/\s+/g, " ").slice(0, 200)}\n` +
      `  held by:   ${holders === "" ? "(not known)" : holders}\n` +
      "An action must not answer before its transaction has ended. Commit or roll back before answering, or " +
      "raise `connectionTimeoutMs` when the transaction is only slow.",
    { cause, details: { system, database, sql, holders } },
  );
}
