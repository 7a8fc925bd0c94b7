import { quoteName, quoteText } from "../sql/quote.ts";
import { connectBeside, dropDatabase } from "./databases.ts";
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
  /** Drops all that are left. */
  readonly close: () => Promise<void>;
}

export async function openCopies(target: ModeTarget, access: Access): Promise<Copies> {
  const { database, driver } = target;
  const admin = await connectBeside(driver, database);
  const names = new Set<string>();
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
    make: async (verb, from = database) => {
      const copy = newName();
      const sql = `CREATE DATABASE ${quoteName(copy)} TEMPLATE ${quoteName(from)}`;
      names.add(copy);
      // A connection that was told to end takes a moment, in which the database is in use.
      await untilQuiet(target, verb, () => admin.query(sql));
      return copy;
    },
    become: async (copy, verb) => {
      await endConnections(verb);
      await dropDatabase(admin, database);
      const sql = `ALTER DATABASE ${quoteName(copy)} RENAME TO ${quoteName(database)}`;
      await untilQuiet(target, verb, () => admin.query(sql));
      names.delete(copy);
    },
    drop: async (copy) => {
      await dropDatabase(admin, copy);
      names.delete(copy);
    },
    close: async () => {
      await admin.end();
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
