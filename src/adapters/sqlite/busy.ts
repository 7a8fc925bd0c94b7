import { setTimeout as sleep } from "node:timers/promises";
import { ExploreError } from "../../errors.ts";
import type { SqliteConnection, SqliteStatement } from "./driver.ts";
import { isBusy } from "./driver.ts";
import { readersOf, writersOf } from "./holders.ts";

/** Longest pause between two tries, in milliseconds. */
const MAX_PAUSE_MS = 20;

/**
 * Runs until no other connection's lock is in the way. Never blocks the event loop, since an app in
 * this process may need it to finish its transaction.
 *
 * @param limitMs - How long to try.
 * @param timedOut - Builds the error from the last refusal.
 */
export async function retryBusy<T>(
  run: () => T,
  limitMs: number,
  timedOut: (cause: unknown) => Error,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = 0.5; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      return run();
    } catch (cause) {
      if (!isBusy(cause)) throw cause;
      if (performance.now() >= deadline) throw timedOut(cause);
    }
    await sleep(pauseMs);
  }
}

/** Runs work in a transaction that no other connection can write beside. */
export type Exclusively = <T>(verb: string, run: () => T | Promise<T>) => Promise<T>;

/** What {@link exclusively} needs to know of the database. */
export interface Quiescence {
  readonly connection: SqliteConnection;
  readonly system: string;
  readonly file: string;
  /** How long another connection's transaction is waited for. */
  readonly quiescenceMs: number;
}

/**
 * Makes the guard of checkpoints and rollbacks: they wait until no other connection is writing.
 *
 * @throws ExploreError `EXPLORE_TRANSACTION_OPEN` from the guard, naming the process that still is.
 */
export function exclusively({ connection, system, file, quiescenceMs }: Quiescence): Exclusively {
  // Prepared once: a rollback is short enough for the parser to be seen.
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const commit = connection.prepare("COMMIT");
  const wait = async (verb: string, statement: SqliteStatement): Promise<void> => {
    await retryBusy(
      () => statement.run(),
      quiescenceMs,
      (cause) => {
        const isOurs = connection.inTransaction;
        return transactionOpen({ system, file, quiescenceMs, verb, cause, isOurs });
      },
    );
  };
  return async (verb, run) => {
    await wait(verb, begin);
    try {
      const result = await run();
      await wait(verb, commit);
      return result;
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  };
}

interface OpenTransaction {
  readonly system: string;
  readonly file: string;
  readonly quiescenceMs: number;
  readonly verb: string;
  readonly cause: unknown;
  /** Whether the write lock is our own, so that readers are in the way. */
  readonly isOurs?: boolean;
}

/** Says that another connection's transaction did not end, and whose it is where that is known. */
export function transactionOpen(facts: OpenTransaction): ExploreError {
  const { system, file, quiescenceMs, verb, cause, isOurs = false } = facts;
  const writers = isOurs ? readersOf(file) : writersOf(file);
  const culprit =
    writers.length > 0
      ? writers.map(({ pid, command }) => `process ${pid}: ${command}`).join("\n             ")
      : "cannot be named on this system";
  return new ExploreError(
    "EXPLORE_TRANSACTION_OPEN",
    `${system}: cannot ${verb}, since another connection has had a transaction open for ${quiescenceMs} ms.\n` +
      `  database:  ${file}\n` +
      `  opened by: ${culprit}\n` +
      "An action must not answer before its transaction has ended. Commit or roll back before answering, " +
      "await what the action started, or raise `quiescenceMs`.",
    { cause, details: { system, verb, file, quiescenceMs, writers } },
  );
}
