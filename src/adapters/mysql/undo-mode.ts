import { ExploreError } from "../../errors.ts";
import { createAttempt } from "../sql/attempt.ts";
import type { Node } from "../sql/history.ts";
import { addNode } from "../sql/history.ts";
import type { Mode } from "../mode.ts";
import type { Obstacle } from "../sql/standing.ts";
import { createStanding } from "../sql/standing.ts";
import type { Control } from "./control.ts";
import { close, isBlocked, openControl } from "./control.ts";
import type { Counters } from "./counters.ts";
import { diffReader } from "./diff.ts";
import type { Engine } from "./undo-log/engine.ts";
import { createEngine, isBroken } from "./undo-log/engine.ts";
import { installLog } from "./undo-log/install.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import type { OpenQuery } from "./open-transactions.ts";
import { openQuery, SEE_TRANSACTIONS } from "./open-transactions.ts";

/** Rolls back what any process wrote, by a log that triggers fill. */
export async function undoMode(target: ModeTarget, reason: string): Promise<Mode> {
  const { system, database, withCounters } = target;
  const control = await openControl(target);
  try {
    const { catalogue, uninstall, wasMarked } = await installLog(target, control);
    const asking = await openQuery(control, database);
    const parts = { target, control, catalogue, openQuery: asking, isSession: false };
    const engine = await createEngine(parts);
    const attempt = createAttempt(
      { ...target, isBlocked },
      { schemaChanges: engine.schemaChanges, isBroken, copying: "copy" },
    );
    const base = await attempt("prepare", async () => saveBase(engine));
    await wasMarked(base.position ?? "0");
    const standing = createStanding(system, engine, { base, attempt });
    const toDiff = diffReader(catalogue.tables);
    return {
      isolation: {
        mode: "undo",
        reason,
        notRestored: [...outside(target, control, asking), ...catalogue.notRestored],
      },
      capabilities: { history: "tree", scope: "server", schema: false, counters: withCounters },
      save: async () => {
        const node = await standing.save();
        return {
          restore: () => standing.travel(node),
          release: () => standing.release(node),
          diff: async () => {
            const since = node.position;
            if (since === undefined) throw notAbove(system);
            return toDiff(await attempt("compare", () => engine.changes(since)));
          },
        };
      },
      observe: (onText) => observeDatabase({ control, database, withCounters }, onText),
      close: async () => {
        try {
          if (target.isGiven) await standing.travel(base);
          await uninstall(control);
        } finally {
          await close(control.client);
        }
      },
    };
  } catch (error) {
    await close(control.client);
    throw error;
  }
}

/** The state at the installation, which nobody is given as a checkpoint. */
async function saveBase(engine: Engine): Promise<Node<Counters> | Obstacle> {
  const saved = await engine.save("0", 0);
  if (!("place" in saved)) return saved;
  return addNode(undefined, { id: 0, position: saved.place, tables: [], counters: saved.counters });
}

/** What lives beside the rows. */
function outside(
  { withCounters }: ModeTarget,
  { isMariaDb }: Control,
  asking: OpenQuery | undefined,
): readonly string[] {
  const grant = isMariaDb ? SEE_TRANSACTIONS.mariadb : SEE_TRANSACTIONS.mysql;
  return [
    "schema changes",
    "user-level locks",
    ...(withCounters ? [] : ["AUTO_INCREMENT counters"]),
    ...(asking === undefined
      ? [`what open transactions have read (they are not seen without ${grant})`]
      : []),
  ];
}

function notAbove(system: string): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `${system}: only an ancestor of the current state can be compared with it.`,
    { details: { system } },
  );
}
