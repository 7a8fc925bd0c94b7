import { quoteName, quoteText } from "../sql/quote.ts";
import { connectBeside, dropDatabase } from "./databases.ts";
import type { PostgresClient } from "./driver.ts";
import type { Access } from "./handle.ts";
import type { ModeTarget } from "./mode.ts";
import { newName } from "../sql/database-names.ts";
import type { OpenTransaction } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";

/** Copies of a database, which only exist where nobody is connected to what is copied. */
export interface Copies {
  /** Ends all connections to the database once their transactions are over; pools make new ones. */
  readonly endConnections: (verb: string) => Promise<void>;
  /** Copies the database, or another one. Answers the copy's name. */
  readonly make: (verb: string, from?: string) => Promise<string>;
  /** Makes a copy the database that everybody connects to. It is used up. */
  readonly become: (copy: string, verb: string) => Promise<void>;
  readonly drop: (copy: string) => Promise<void>;
  /** Copies a copy while others work, so that `make` has one ready when it is asked for the same. */
  readonly prepare: (from: string) => void;
  /** Drops all that are left. */
  readonly close: () => Promise<void>;
}

export async function openCopies(target: ModeTarget, access: Access): Promise<Copies> {
  const { database, driver } = target;
  const admin = await connectBeside(driver, database);
  const names = new Set<string>();
  const spares = createSpares(target, names);
  const others = `FROM pg_stat_activity WHERE datname = ${quoteText(database)} AND backend_type = 'client backend'`;

  async function endConnections(verb: string): Promise<void> {
    await untilQuiet(target, verb, async () => {
      const { rows } = await admin.query<OpenTransaction>(
        `SELECT pid, state, query, application_name AS application ${others} AND xact_start IS NOT NULL`,
      );
      return rows.length === 0 ? true : { open: rows };
    });
    await access.close();
    // The server looks for connections every 100 ms only, so they must be gone before it looks.
    await untilQuiet(target, verb, async () => {
      const { rows } = await admin.query<OpenTransaction>(
        `SELECT pid, 'ending' AS state, query, application_name AS application, pg_terminate_backend(pid) ${others}`,
      );
      return rows.length === 0 ? true : { open: rows };
    });
  }

  return {
    endConnections,
    prepare: spares.prepare,
    make: async (verb, from = database) => {
      const spare = await spares.take(from);
      if (spare !== undefined) return spare;
      const copy = newName();
      const sql = `CREATE DATABASE ${quoteName(copy)} TEMPLATE ${quoteName(from)}`;
      names.add(copy);
      // A connection that was told to end takes a moment, in which the database is in use.
      await untilQuiet(target, verb, () => admin.query(sql));
      return copy;
    },
    become: async (copy, verb) => {
      await endConnections(verb);
      const left = newName();
      names.add(left);
      for (const [from, to] of [
        [database, left],
        [copy, database],
      ] as const) {
        const sql = `ALTER DATABASE ${quoteName(from)} RENAME TO ${quoteName(to)}`;
        await untilQuiet(target, verb, () => admin.query(sql));
      }
      names.delete(copy);
      spares.dropLater(left);
    },
    drop: async (copy) => {
      const spare = await spares.take(copy);
      if (spare !== undefined) spares.dropLater(spare);
      await dropDatabase(admin, copy);
      names.delete(copy);
    },
    close: async () => {
      await admin.end();
      await spares.close();
      await dropAll(target, names).catch(() => dropAll(target, names));
    },
  };
}

async function dropAll(
  { driver, database }: ModeTarget,
  names: ReadonlySet<string>,
): Promise<void> {
  if (names.size === 0) return;
  const admin = await connectBeside(driver, database);
  try {
    for (const name of names) await dropDatabase(admin, name);
  } finally {
    await admin.end();
  }
}

interface Spares {
  readonly prepare: (from: string) => void;
  /** The copy that was prepared of a copy; `undefined` when there is none. */
  readonly take: (from: string) => Promise<string | undefined>;
  readonly dropLater: (name: string) => void;
  /** Waits for what is under way. */
  readonly close: () => Promise<void>;
}

/** What is done on a connection of its own, while the app and the tests go on. */
function createSpares({ driver, database }: ModeTarget, names: Set<string>): Spares {
  const ready = new Map<string, Promise<string | undefined>>();
  let connection: Promise<PostgresClient> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One after another. What fails here is done again, or dropped at the end, by who needs it. */
  function later<T>(run: (client: PostgresClient) => Promise<T>): Promise<T | undefined> {
    const result = last.then(async () =>
      run(await (connection ??= connectBeside(driver, database))),
    );
    const settled = result.catch(() => undefined);
    last = settled;
    return settled;
  }

  function dropLater(name: string): void {
    void later(async (client) => {
      await dropDatabase(client, name);
      names.delete(name);
    });
  }

  return {
    dropLater,
    prepare: (from) => {
      if (ready.has(from)) return;
      // One is enough: the search goes back to the same checkpoint for one action after another.
      for (const [other, spare] of ready) {
        ready.delete(other);
        void spare.then((name) => name !== undefined && dropLater(name));
      }
      const copy = newName();
      names.add(copy);
      const sql = `CREATE DATABASE ${quoteName(copy)} TEMPLATE ${quoteName(from)}`;
      ready.set(
        from,
        later(async (client) => {
          await client.query(sql);
          return copy;
        }),
      );
    },
    take: async (from) => {
      const spare = ready.get(from);
      ready.delete(from);
      return await spare;
    },
    close: async () => {
      await last;
      await connection?.then(
        (client) => client.end(),
        () => {
          // There was none; what it was for was done by others.
        },
      );
    },
  };
}
