import { ExploreError } from "../../errors.ts";
import { diffSince } from "./diff.ts";
import type { Access } from "./handle.ts";
import type { Mode, SavedState } from "../mode.ts";
import { observeDatabase } from "./observe.ts";
import type { Savepoint } from "./savepoints.ts";
import { createSavepoints } from "./savepoints.ts";
import type { ModeTarget } from "./undo-mode.ts";

/**
 * Rolls back what the handle's connection wrote, by savepoints in one transaction that is never
 * committed. A log in temporary tables, which roll back with the rest, tells what has changed.
 *
 * @param reason - Why this mode.
 */
export async function savepointMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { system } = target;
  const connection = access.connection();
  const savepoints = await createSavepoints(connection, target);

  /** Runs a verb; the transaction that it needs may have been ended by the app. */
  async function inTransaction<T>(run: () => Promise<T> | T): Promise<T> {
    if (!connection.inTransaction) throw savepointLost(system);
    try {
      return await run();
    } catch (cause) {
      const isGone = cause instanceof Error && cause.message.includes("no such savepoint");
      throw isGone ? savepointLost(system, cause) : cause;
    }
  }

  function saved(savepoint: Savepoint): SavedState {
    return {
      restore: () => inTransaction(() => savepoints.rollbackTo(savepoint)),
      release: () => inTransaction(() => savepoints.release(savepoint)),
      diff: () =>
        inTransaction(() => {
          const isLogged = savepoints.isLogged(savepoint);
          return diffSince({ ...target, ...savepoint, connection, isLogged });
        }),
    };
  }

  access.afterStatement(() => {
    if (!connection.inTransaction) throw savepointLost(system);
  });

  const schema = savepoints.epoch().image !== undefined;
  return {
    isolation: { mode: "savepoint", reason, notRestored: [] },
    capabilities: { history: "stack", scope: "process", schema, counters: true },
    save: () => inTransaction(async () => saved(await savepoints.save())),
    observe: (onText) => inTransaction(() => observeDatabase(connection, onText)),
    close: async () => {
      if (connection.open && connection.inTransaction) connection.exec("ROLLBACK");
    },
  };
}

function savepointLost(system: string, cause?: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_SAVEPOINT_LOST",
    `${system}: the savepoints are gone: a COMMIT or ROLLBACK ended the transaction that held them.\n` +
      "With isolation savepoint everything runs in one transaction that is never committed.\n" +
      'Remove the COMMIT or ROLLBACK, or set `isolation: "undo"`, which undoes what was committed.',
    { cause, details: { system } },
  );
}
