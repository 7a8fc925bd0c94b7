import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { ExploreError } from "../../errors.ts";
import { readCatalogue } from "./catalogue.ts";
import { counterAccess } from "./counters.ts";
import { diffSince } from "./diff.ts";
import type { Access } from "./handle.ts";
import type { Epoch } from "./history.ts";
import { addNode } from "./history.ts";
import { holdersOf } from "./holders.ts";
import { removeDatabase } from "./image.ts";
import type { Mode, SavedState } from "../mode.ts";
import { observeDatabase } from "./observe.ts";
import type { ModeTarget } from "./undo-mode.ts";
import { reading } from "./undo-mode.ts";

/**
 * Rolls back by copying the file. Writing a file that somebody has open is unseen by them or
 * destroys it, so nobody may have it open at a checkpoint or rollback.
 */
export async function fileMode(target: ModeTarget, access: Access, reason: string): Promise<Mode> {
  const { file, directory } = target;
  let nextId = 0;

  /** Closes our own connection, which empties the write-ahead log into the file. */
  function requireAlone(verb: string): void {
    const connection = access.connection();
    connection.pragma("wal_checkpoint(TRUNCATE)");
    access.closeConnection();
    const holders = holdersOf(file);
    if (holders?.length !== 0) throw notAlone(target, verb, holders);
  }

  function saved(epoch: Epoch, copy: string): SavedState {
    return {
      restore: async () => {
        requireAlone("roll back");
        await removeDatabase(file);
        await copyFile(copy, file, constants.COPYFILE_FICLONE);
      },
      release: () => removeDatabase(copy),
      diff: async () => {
        const connection = access.connection();
        const { base: node } = epoch;
        return reading(connection, () =>
          diffSince({ ...target, connection, epoch, node, isLogged: false }),
        );
      },
    };
  }

  requireAlone("start");
  return {
    isolation: { mode: "file", reason, notRestored: [] },
    capabilities: { history: "tree", scope: "process", schema: true, counters: true },
    save: async () => {
      const id = nextId++;
      const copy = join(directory, `explore-copy-${id}.db`);
      const epoch = describe(access, { id, copy });
      requireAlone("checkpoint");
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      return saved(epoch, copy);
    },
    observe: async (onText) => {
      const connection = access.connection();
      return reading(connection, () => observeDatabase(connection, onText));
    },
    close: async () => {},
  };
}

/** What a later comparison needs to know of the copy. */
function describe(
  access: Access,
  { id, copy }: { readonly id: number; readonly copy: string },
): Epoch {
  const connection = access.connection();
  const catalogue = readCatalogue(connection);
  const counters = counterAccess(connection, catalogue.hasSequence);
  return {
    id,
    catalogue,
    log: undefined,
    counters,
    image: { file: copy, remove: () => removeDatabase(copy) },
    base: addNode(undefined, { id, position: undefined, tables: [], counters: counters.read() }),
    schemaVersion: connection.pragma("main.schema_version", { simple: true }) as number,
  };
}

function notAlone(
  { system, file }: ModeTarget,
  verb: string,
  holders: ReturnType<typeof holdersOf>,
): ExploreError {
  const who =
    holders === undefined
      ? "cannot be found out on this system: there is neither /proc nor lsof"
      : holders.map(({ pid, command }) => `process ${pid}: ${command}`).join("\n            ");
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: cannot ${verb} with isolation "file", which needs that nobody has the file open.\n` +
      `  database: ${file}\n` +
      `  open in:  ${who}\n` +
      'Close the database before an action answers, or set `isolation: "undo"`, which works with open databases.',
    { details: { system, verb, file, holders } },
  );
}
