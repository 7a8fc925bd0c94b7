import { join } from "node:path";
import type { Exclusively } from "./busy.ts";
import type { Catalogue } from "./catalogue.ts";
import { readCatalogue } from "./catalogue.ts";
import { counterAccess } from "./counters.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";
import { sqliteCode } from "./driver.ts";
import type { Epoch } from "./history.ts";
import { addNode } from "./history.ts";
import { databaseBytes, takeImage } from "./image.ts";
import type { LogPlace } from "./log-sql.ts";
import type { UndoLog } from "./undo-log.ts";
import { discardLog, installLog, uninstallLog } from "./undo-log.ts";

/** Above this size no image is made before one is needed, so schema changes are not undone. */
const MAX_SPARE_IMAGE_BYTES = 256 * 2 ** 20;

/** A database that everybody may write to, and our own connection for rolling it back. */
export interface LiveDatabase {
  /** The name the user gave it. */
  readonly system: string;
  readonly file: string;
  /** A folder for images. */
  readonly directory: string;
  readonly open: OpenConnection;
  /** Set up for restoring, and nobody else's. */
  readonly control: SqliteConnection;
  readonly exclusively: Exclusively;
  readonly quiescenceMs: number;
}

/** What kind of epoch shall begin. */
export interface EpochPlan {
  /** 0 for the first, whose image is only needed should an action change the schema. */
  readonly id: number;
  /** The base's id among all checkpoints. */
  readonly nodeId: number;
  /** Where rows shall be logged if the schema allows it; `undefined`: nowhere. */
  readonly place: LogPlace | undefined;
}

/** Begins an epoch at the current state. Must be called inside a transaction. */
export async function beginEpoch(
  { control, directory }: Pick<LiveDatabase, "control" | "directory">,
  plan: EpochPlan,
): Promise<Epoch> {
  const { id, nodeId } = plan;
  const { catalogue, log } = install(control, plan);
  const counters = counterAccess(control, catalogue.hasSequence);
  const spare = id === 0 && log !== undefined;
  const image =
    !spare || databaseBytes(control) <= MAX_SPARE_IMAGE_BYTES
      ? await takeImage(control, join(directory, `explore-image-${id}.db`))
      : undefined;
  return {
    id,
    catalogue,
    log,
    counters,
    image,
    base: addNode(undefined, { id: nodeId, position: 0, tables: [], counters: counters.read() }),
    schemaVersion: control.pragma("main.schema_version", { simple: true }) as number,
  };
}

/** Frees what an epoch keeps, once none of its checkpoints is left. */
export async function endEpoch(control: SqliteConnection, { id, image }: Epoch): Promise<void> {
  discardLog(control, id);
  await image?.remove();
}

function install(
  control: SqliteConnection,
  { id, place }: EpochPlan,
): { readonly catalogue: Catalogue; readonly log: UndoLog | undefined } {
  if (place !== undefined) uninstallLog(control, place);
  const catalogue = readCatalogue(control);
  if (place === undefined || catalogue.obstacles.length > 0) return { catalogue, log: undefined };
  control.exec("SAVEPOINT explore_install");
  try {
    const log = installLog(control, catalogue, { place, epoch: id });
    return { catalogue, log };
  } catch (error) {
    if (sqliteCode(error) === "") throw error;
    control.exec("ROLLBACK TO explore_install");
    const problem = error instanceof Error ? error.message : String(error);
    const obstacles = [`its schema cannot be used from another connection (${problem})`];
    return { catalogue: { ...catalogue, obstacles }, log: undefined };
  } finally {
    control.exec("RELEASE explore_install");
  }
}
