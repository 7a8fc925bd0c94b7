import { ExploreError } from "../../errors.ts";
import { begin } from "./beginning.ts";
import { OURS } from "./catalogue.ts";
import { openControl } from "./control.ts";
import type { Copies } from "./copies.ts";
import { openCopies } from "./copies.ts";
import type { PostgresClient } from "./driver.ts";
import { UNINSTALL } from "./engine.ts";
import type { Access } from "./handle.ts";
import type { Counters } from "./history.ts";
import type { Mode, ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { untilQuiet } from "./quiescence.ts";
import { undoHistory } from "./undo-history.ts";

/** What lives beside the rows. */
const OUTSIDE = ["large objects", "delivered notifications", "advisory locks"] as const;

/** Rolls back what any process wrote, by a log that triggers fill. */
export async function undoMode(target: ModeTarget, access: Access, reason: string): Promise<Mode> {
  const { schemas, driver, isGiven } = target;
  const control = await openControl(target);
  let copies: Copies | undefined;
  try {
    if (isGiven) await ownGiven(control, target);
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
          if (isGiven) {
            await history.rewind();
            await history.control().query(UNINSTALL);
          }
        } finally {
          await history.control().end();
          await copies?.close();
        }
      },
    };
  } catch (error) {
    await control.end();
    await copies?.close();
    throw error;
  }
}

/** Makes sure that nobody else works in the user's database, and undoes what a killed run left. */
async function ownGiven(control: PostgresClient, target: ModeTarget): Promise<void> {
  const { rows } = await control.query<{ isOurs: boolean; isLeft: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('vitest-explore')) AS "isOurs", to_regclass('${OURS}.base') IS NOT NULL AS "isLeft"`,
  );
  if (rows[0]?.isOurs !== true) throw inUse(target);
  if (!rows[0].isLeft) return;
  await untilQuiet(target, "put back what a killed run left", async () => {
    const answers = await control.query<Counters & { problem: string | null }>(
      `SELECT t.problem FROM ${OURS}.base AS b, ${OURS}.travel(b.place, '{}', ${OURS}.schema_version(), b.last, b.called) AS t`,
    );
    const problem = answers.rows[0]?.problem ?? null;
    return problem === null ? true : { open: JSON.parse(problem) as [] };
  });
}

function inUse({ system, database }: ModeTarget): ExploreError {
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: another run works in the test database.\n  database: ${database}\n` +
      "Wait until it has ended, or remove `testDatabase`: then every run works in a database of its own.",
    { details: { system, database } },
  );
}
