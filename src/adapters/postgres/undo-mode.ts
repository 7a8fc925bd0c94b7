import { ExploreError } from "../../errors.ts";
import { addNode } from "../sql/history.ts";
import { createStanding } from "../sql/standing.ts";
import { createAttempt } from "./attempt.ts";
import { OURS } from "./catalogue.ts";
import { inTransaction, openControl } from "./control.ts";
import { diffReader } from "./diff.ts";
import type { PostgresClient } from "./driver.ts";
import type { Engine } from "./engine.ts";
import { installEngine, UNINSTALL } from "./engine.ts";
import type { Counters, Node } from "./history.ts";
import type { Mode, ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { untilQuiet } from "./quiescence.ts";

/** What lives beside the rows. */
const OUTSIDE = [
  "schema changes",
  "large objects",
  "delivered notifications",
  "advisory locks",
] as const;

/** Rolls back what any process wrote, by a log that triggers fill. */
export async function undoMode(target: ModeTarget, reason: string): Promise<Mode> {
  const { system, schemas, driver, isGiven } = target;
  const control = await openControl(target);
  try {
    if (isGiven) await ownGiven(control, target);
    const { engine, base } = await untilQuiet(target, "prepare", () =>
      inTransaction(control, async () => {
        await control.query(UNINSTALL);
        const installed = await installEngine(control, { schemas, isSession: false, isGiven });
        return { engine: installed, base: await markBase(control, installed) };
      }),
    );
    const attempt = createAttempt(target, engine);
    const standing = createStanding(system, engine, { base, attempt });
    const toDiff = diffReader(driver, engine.catalogue.tables);
    return {
      isolation: {
        mode: "undo",
        reason,
        notRestored: [...OUTSIDE, ...engine.catalogue.notRestored],
      },
      capabilities: { history: "tree", scope: "server", schema: false, counters: true },
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
      observe: (onText) => observeDatabase({ client: control, driver, schemas }, onText),
      close: async () => {
        try {
          if (isGiven) {
            await standing.travel(base);
            await control.query(UNINSTALL);
          }
        } finally {
          await control.end();
        }
      },
    };
  } catch (error) {
    await control.end();
    throw error;
  }
}

/** Where a run that was killed can be undone from, by the next one. */
async function markBase(control: PostgresClient, engine: Engine): Promise<Node> {
  const saved = await engine.save("0", 0);
  if (!("place" in saved)) throw new Error("transactions are open");
  const { place, counters } = saved;
  await control.query(
    `CREATE TABLE ${OURS}.base AS SELECT ${place}::bigint AS place, $1::bigint[] AS last, $2::boolean[] AS called`,
    [counters.last, counters.called],
  );
  return addNode(undefined, { id: 0, position: place, tables: [], counters });
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

function notAbove(system: string): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `${system}: only an ancestor of the current state can be compared with it.`,
    { details: { system } },
  );
}
