import { exclusively, retryBusy, transactionOpen } from "./busy.ts";
import { openControl } from "./control.ts";
import { diffSince } from "./diff.ts";
import type { LiveDatabase } from "./epoch.ts";
import { endEpoch } from "./epoch.ts";
import type { Mode } from "../mode.ts";
import { observeDatabase } from "./observe.ts";
import { undoHistory } from "./undo-history.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";

/** The database and the folder a mode works with. */
export interface ModeTarget {
  readonly system: string;
  readonly file: string;
  /** A folder for copies. */
  readonly directory: string;
  /** Whether the file is a copy of ours. */
  readonly disposable: boolean;
  readonly open: OpenConnection;
  readonly quiescenceMs: number;
}

/** The states of an app's connections, which live outside the file. */
const OUTSIDE = ["databases attached by the app", "planner statistics (ANALYZE)"] as const;

/**
 * Rolls back what any process wrote: by a log, and by images where the schema has changed or rows
 * cannot be logged.
 *
 * @param logged - `false`: every checkpoint is an image.
 * @param reason - Why this mode.
 */
export async function undoMode(
  target: ModeTarget,
  { logged, reason }: { readonly logged: boolean; readonly reason: string },
): Promise<Mode> {
  const { open, file, disposable } = target;
  const control = openControl(open, file, disposable);
  const guarded = exclusively({ ...target, connection: control });
  const live: LiveDatabase = { ...target, control, exclusively: guarded };
  const history = await undoHistory(live, logged).catch((error: unknown) => {
    control.close();
    throw error;
  });
  const { log, catalogue, image } = history.epoch();
  const why =
    log === undefined && logged ? `${reason}, but ${catalogue.obstacles.join(" and ")}` : reason;
  const tooLarge =
    image === undefined ? ["schema changes (the database is too large to be copied for them)"] : [];

  /** In a rollback-journal database a writer keeps readers out for a moment. */
  const read = <T>(verb: string, run: () => T): Promise<T> =>
    retryBusy(
      () => reading(control, run),
      target.quiescenceMs,
      (cause) => transactionOpen({ ...target, verb, cause }),
    );

  return {
    isolation: {
      mode: log === undefined ? "backup" : "undo",
      reason: why,
      notRestored: [...tooLarge, ...OUTSIDE],
    },
    capabilities: { history: "tree", scope: "server", schema: image !== undefined, counters: true },
    save: async () => {
      const point = await history.save();
      return {
        restore: () => history.restore(point),
        release: () => history.release(point),
        diff: () =>
          read("compare", () =>
            diffSince({
              ...target,
              ...point,
              connection: control,
              isLogged: history.isLogged(point),
            }),
          ),
      };
    },
    observe: (onText) => read("observe", () => observeDatabase(control, onText)),
    close: async () => {
      await endEpoch(control, history.epoch());
      control.close();
    },
  };
}

/** Runs reads that must see one state. */
export function reading<T>(connection: SqliteConnection, run: () => T): T {
  connection.exec("BEGIN");
  try {
    return run();
  } finally {
    connection.exec("COMMIT");
  }
}
