/** A savepoint in a session's transaction. */
export interface Savepoint {
  readonly name: string;
  /** Given up, and waiting for the later ones to be. */
  released: boolean;
}

/** The savepoints of a session, in the order in which they were made. */
export interface SavepointStack<Made extends Savepoint> {
  readonly push: (savepoint: Made) => void;
  /** Rolls back to a savepoint; it stays, those after it are gone. */
  readonly rollbackTo: (savepoint: Made) => Promise<void>;
  readonly release: (savepoint: Made) => Promise<void>;
}

/**
 * Keeps the savepoints of a session.
 *
 * @param run - Runs one statement in the session.
 */
export function createSavepointStack<Made extends Savepoint>(
  run: (sql: string) => Promise<unknown>,
): SavepointStack<Made> {
  let stack: readonly Made[] = [];
  return {
    push: (savepoint) => {
      stack = [...stack, savepoint];
    },
    rollbackTo: async (savepoint) => {
      await run(`ROLLBACK TO SAVEPOINT ${savepoint.name}`);
      stack = stack.slice(0, stack.indexOf(savepoint) + 1);
    },
    release: async (savepoint) => {
      savepoint.released = true;
      // RELEASE takes the later savepoints with it, so it waits until there are none.
      for (let top = stack.at(-1); top?.released === true; top = stack.at(-1)) {
        await run(`RELEASE SAVEPOINT ${top.name}`);
        stack = stack.slice(0, -1);
      }
    },
  };
}
