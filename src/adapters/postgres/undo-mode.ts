import { begin } from "./beginning.ts";
import { openControl } from "./control.ts";
import type { Copies } from "./copies.ts";
import { openCopies } from "./copies.ts";
import { UNINSTALL } from "./undo-log/engine.ts";
import { claimGiven, releaseGiven } from "./given.ts";
import type { Access } from "./handle.ts";
import type { Mode } from "../mode.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { undoHistory } from "./undo-log/undo-history.ts";

/** What lives beside the rows. */
const OUTSIDE = ["large objects", "delivered notifications", "advisory locks"] as const;

/** Rolls back what any process wrote, by a log that triggers fill. */
export async function undoMode(target: ModeTarget, access: Access, reason: string): Promise<Mode> {
  const { schemas, driver, isGiven } = target;
  const control = await openControl(target);
  let copies: Copies | undefined;
  try {
    if (isGiven) await claimGiven(control, target);
    else copies = await openCopies(target, access);
    const start = await begin({ target, access, control, copies });
    const history = undoHistory(start);
    const { image, installed } = start;
    const missing = typeof image === "string" ? [] : [`schema changes (${image.missing})`];
    return {
      isolation: {
        mode: "undo",
        reason,
        notRestored: [...missing, ...OUTSIDE, ...installed.engine.catalogue.notRestored],
      },
      capabilities: {
        history: "tree",
        scope: "server",
        schema: typeof image === "string",
        counters: true,
      },
      save: async () => {
        const point = await history.save();
        return {
          restore: () => history.restore(point),
          release: () => history.release(point),
          diff: () => history.diff(point),
        };
      },
      observe: (onText) => observeDatabase({ client: history.control(), driver, schemas }, onText),
      close: async () => {
        try {
          if (isGiven) await history.rewind();
          if (isGiven) await history.control().query(UNINSTALL);
        } catch {
          // Tried again from the start, as the next run would; that tells why it does not work.
          await history.control().end();
          await releaseGiven(target);
        } finally {
          await history.control().end();
          await copies?.close();
        }
      },
    };
  } catch (error) {
    await control.end();
    await copies?.close();
    if (isGiven) await releaseGiven(target);
    throw error;
  }
}
