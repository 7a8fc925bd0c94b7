import { setTimeout as sleep } from "node:timers/promises";
import { ExploreError } from "../../errors.ts";

/** Longest pause between two tries, in milliseconds. */
const MAX_PAUSE_MS = 20;

/** A connection that has a transaction open. */
export interface OpenTransaction {
  readonly pid: number;
  readonly state: string;
  /** The statement that runs, or ran last. */
  readonly query: string;
  readonly application: string;
}

/** Whose open transactions are waited for, and how long. */
export interface Quiescence {
  readonly system: string;
  readonly database: string;
  readonly quiescenceMs: number;
}

/** Tells the errors of statements that met a lock, and that may be tried again. */
export type IsBlocked = (error: unknown) => boolean;

/**
 * Runs until no other connection has a transaction open.
 *
 * @param run - Tries, or answers which transactions are open.
 * @param verb - Completes "cannot …".
 * @throws ExploreError `EXPLORE_TRANSACTION_OPEN` naming the transactions after `quiescenceMs`.
 */
export async function untilQuiet<T>(
  quiescence: Quiescence & { readonly isBlocked: IsBlocked },
  verb: string,
  run: () => Promise<T | { readonly open: readonly OpenTransaction[] }>,
): Promise<T> {
  const deadline = performance.now() + quiescence.quiescenceMs;
  for (let pauseMs = 0.5; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const isLate = performance.now() >= deadline;
    try {
      const result = await run();
      if (!isOpen(result)) return result;
      if (isLate) throw transactionOpen(quiescence, verb, result.open);
    } catch (cause) {
      if (!quiescence.isBlocked(cause)) throw cause;
      if (isLate) throw transactionOpen(quiescence, verb, [], cause);
    }
    await sleep(pauseMs);
  }
}

function isOpen(result: unknown): result is { readonly open: readonly OpenTransaction[] } {
  return typeof result === "object" && result !== null && "open" in result;
}

// oxlint-disable-next-line max-params -- the database, the verb, whose it is, and the driver's error
function transactionOpen(
  { system, database, quiescenceMs }: Quiescence,
  verb: string,
  open: readonly OpenTransaction[],
  cause?: unknown,
): ExploreError {
  const who = open.map(
    ({ pid, state, query, application }) =>
      `process ${pid}${application === "" ? "" : ` (${application})`}, ${state}: ${query.replaceAll(/\s+/g, " ").slice(0, 200)}`,
  );
  return new ExploreError(
    "EXPLORE_TRANSACTION_OPEN",
    `${system}: cannot ${verb}, since another connection has had a transaction open for ${quiescenceMs} ms.\n` +
      `  database:  ${database}\n` +
      `  opened by: ${who.length > 0 ? who.join("\n             ") : "a connection that holds a lock"}\n` +
      "An action must not answer before its transaction has ended. Commit or roll back before answering, " +
      "await what the action started, or raise `quiescenceMs`.",
    { cause, details: { system, verb, database, quiescenceMs, open } },
  );
}
