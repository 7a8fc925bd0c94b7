import { ExploreError } from "../../errors.ts";
import type { SqliteConnection } from "./driver.ts";
import type { EpochPlan } from "./epoch.ts";
import { beginEpoch } from "./epoch.ts";
import { diffSince } from "./diff.ts";
import type { Access } from "./handle.ts";
import type { Epoch, Node } from "./history.ts";
import { addNode } from "./history.ts";
import type { Mode, SavedState } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { OURS } from "./catalogue.ts";
import type { ModeTarget } from "./undo-mode.ts";

interface Savepoint {
  readonly name: string;
  readonly epoch: Epoch;
  readonly node: Node;
  released: boolean;
}

/**
 * Rolls back what the handle's connection wrote, by savepoints in one transaction that is never
 * committed. A log in temporary tables, which roll back with the rest, tells what has changed.
 */
export async function savepointMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { system } = target;
  const connection = access.connection();
  const version = connection.prepare("PRAGMA main.schema_version").pluck();
  let nextId = 0;
  let stack: Savepoint[] = [];
  connection.exec("BEGIN");
  const begin = (): Promise<Epoch> => {
    const id = nextId++;
    const plan: EpochPlan = { id, nodeId: id, place: "connection" };
    return beginEpoch({ ...target, control: connection }, plan);
  };
  let epoch = await begin();

  function requireTransaction(): void {
    if (!connection.inTransaction) throw savepointLost(system);
  }

  function isKnown(): boolean {
    return epoch.log !== undefined && version.get() === epoch.schemaVersion;
  }

  async function point(): Promise<Savepoint> {
    const name = `${OURS}${nextId}`;
    const { log, counters } = epoch;
    if (log === undefined || !isKnown()) {
      epoch = await begin();
      return { name, epoch, node: epoch.base, released: false };
    }
    const top = stack.at(-1);
    const parent = top?.epoch === epoch ? top.node : epoch.base;
    const id = nextId++;
    const tables = log.keep(parent.position ?? 0, id);
    const node = addNode(parent, {
      id,
      tables,
      position: log.position(),
      counters: counters.read(),
    });
    return { name, epoch, node, released: false };
  }

  function saved(savepoint: Savepoint): SavedState {
    return {
      restore: async () => {
        requireTransaction();
        rollbackTo(connection, system, savepoint.name);
        stack = stack.slice(0, stack.indexOf(savepoint) + 1);
        epoch = savepoint.epoch;
      },
      release: async () => {
        savepoint.released = true;
        // RELEASE takes the later savepoints with it, so it waits until there are none.
        for (let top = stack.at(-1); top?.released === true; top = stack.at(-1)) {
          connection.exec(`RELEASE ${top.name}`);
          stack.pop();
        }
      },
      diff: async () => {
        requireTransaction();
        const isLogged = savepoint.epoch === epoch && isKnown();
        return diffSince({ ...target, ...savepoint, connection, isLogged });
      },
    };
  }

  access.afterStatement(requireTransaction);

  return {
    isolation: { mode: "savepoint", reason, notRestored: [] },
    capabilities: {
      history: "stack",
      scope: "process",
      schema: epoch.image !== undefined,
      counters: true,
    },
    save: async () => {
      requireTransaction();
      const savepoint = await point();
      connection.exec(`SAVEPOINT ${savepoint.name}`);
      stack.push(savepoint);
      return saved(savepoint);
    },
    observe: async () => {
      requireTransaction();
      return observeDatabase(connection);
    },
    close: async () => {
      access.afterStatement(() => {});
      if (connection.open && connection.inTransaction) connection.exec("ROLLBACK");
    },
  };
}

function rollbackTo(connection: SqliteConnection, system: string, name: string): void {
  try {
    connection.exec(`ROLLBACK TO ${name}`);
  } catch (cause) {
    const isGone = cause instanceof Error && cause.message.includes("no such savepoint");
    throw isGone ? savepointLost(system, cause) : cause;
  }
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
