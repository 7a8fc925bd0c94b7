import { OURS } from "./catalogue.ts";
import type { SqliteConnection } from "./driver.ts";
import type { LiveDatabase } from "./epoch.ts";
import { beginEpoch } from "./epoch.ts";
import type { Epoch, Node } from "./history.ts";
import { addNode } from "./history.ts";

/** A savepoint of an open transaction, and what tells what has changed since. */
export interface Savepoint {
  readonly name: string;
  readonly epoch: Epoch;
  readonly node: Node;
  released: boolean;
}

/** The savepoints of one connection, in one transaction that is never committed. */
export interface Savepoints {
  readonly epoch: () => Epoch;
  readonly save: () => Promise<Savepoint>;
  /** Rolls back to a savepoint; it stays, those after it are gone. */
  readonly rollbackTo: (savepoint: Savepoint) => Promise<void>;
  readonly release: (savepoint: Savepoint) => Promise<void>;
  /** Whether the temporary log holds everything written since the savepoint. */
  readonly isLogged: (since: Savepoint) => boolean;
}

/** Begins the transaction. */
export async function createSavepoints(
  connection: SqliteConnection,
  { directory }: Pick<LiveDatabase, "directory">,
): Promise<Savepoints> {
  const version = connection.prepare("PRAGMA main.schema_version").pluck();
  let nextId = 0;
  let stack: readonly Savepoint[] = [];
  connection.exec("BEGIN");
  let epoch = await begin(nextId++);

  function begin(id: number): Promise<Epoch> {
    const live = { control: connection, directory };
    return beginEpoch(live, { id, nodeId: id, place: "connection" });
  }

  function isKnown(): boolean {
    return epoch.log !== undefined && version.get() === epoch.schemaVersion;
  }

  async function makeNode(id: number): Promise<Node> {
    const { log, counters } = epoch;
    if (log === undefined || !isKnown()) {
      epoch = await begin(id);
      return epoch.base;
    }
    const top = stack.at(-1);
    const parent = top?.epoch === epoch ? top.node : epoch.base;
    const tables = log.keep(parent.position ?? 0, id);
    return addNode(parent, { id, tables, position: log.position(), counters: counters.read() });
  }

  async function keepFirst(count: number): Promise<void> {
    const dropped = stack.slice(count);
    stack = stack.slice(0, count);
    await forget(dropped, new Set([epoch, ...stack.map((savepoint) => savepoint.epoch)]));
  }

  return {
    epoch: () => epoch,
    save: async () => {
      const id = nextId++;
      const node = await makeNode(id);
      const savepoint: Savepoint = { name: `${OURS}${id}`, epoch, node, released: false };
      connection.exec(`SAVEPOINT ${savepoint.name}`);
      stack = [...stack, savepoint];
      return savepoint;
    },
    rollbackTo: async (savepoint) => {
      // Set anew, since SQLite keeps what a rollback has put back for as long as its savepoint lives,
      // and puts it back again at the next: each rollback would take longer than the one before.
      const { name } = savepoint;
      connection.exec(`ROLLBACK TO ${name}; RELEASE ${name}; SAVEPOINT ${name}`);
      ({ epoch } = savepoint);
      await keepFirst(stack.indexOf(savepoint) + 1);
    },
    release: async (savepoint) => {
      savepoint.released = true;
      // RELEASE takes the later savepoints with it, so it waits until there are none.
      for (let top = stack.at(-1); top?.released === true; top = stack.at(-1)) {
        connection.exec(`RELEASE ${top.name}`);
        await keepFirst(stack.length - 1);
      }
    },
    isLogged: (since) => since.epoch === epoch && isKnown(),
  };
}

/** Takes savepoints out of the tree, and removes images that nothing else uses. */
async function forget(dropped: readonly Savepoint[], used: ReadonlySet<Epoch>): Promise<void> {
  for (const { node, epoch } of dropped) {
    node.parent?.children.delete(node);
    if (!used.has(epoch)) await epoch.image?.remove();
  }
}
