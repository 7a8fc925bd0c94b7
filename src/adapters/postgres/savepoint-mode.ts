import { ExploreError } from "../../errors.ts";
import type { Savepoint as AnySavepoint, SavepointStack } from "../sql/savepoints.ts";
import { createSavepointStack } from "../sql/savepoints.ts";
import type { Attempt } from "../sql/standing.ts";
import { createAttempt } from "./attempt.ts";
import { OURS } from "./catalogue.ts";
import { diffReader } from "./diff.ts";
import type { PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import type { Engine } from "./undo-log/engine.ts";
import { installEngine, UNINSTALL } from "./undo-log/engine.ts";
import { claimGiven } from "./given.ts";
import type { Access } from "./handle.ts";
import type { Counters } from "./undo-log/history.ts";
import type { Mode } from "../mode.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";

interface Savepoint extends AnySavepoint {
  readonly place: string;
  readonly counters: Counters;
}

/**
 * Rolls back what the handle's session wrote, by savepoints in one transaction that is never
 * committed. The log in it, which rolls back with the rest, tells what has changed.
 */
export async function savepointMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { system, schemas, driver } = target;
  const session = await access.session();
  if (target.isGiven) await claimGiven(session, target);
  await session.query("BEGIN");
  await session.query(UNINSTALL);
  const engine = await installEngine(session, {
    schemas,
    isSession: true,
    isGiven: target.isGiven,
  });
  const attempt = createAttempt(target, engine);
  const toDiff = diffReader(driver, engine.catalogue.tables);
  const initial = await attempt("prepare", () => engine.save("0", 0));
  const savepoints = createSavepoints(session, engine, attempt);

  /** Runs a verb; the transaction that it needs may have been ended by the app. */
  const alone = <T>(run: () => Promise<T>): Promise<T> =>
    access.alone(async () => {
      if (isLost(session)) throw savepointLost(system);
      try {
        return await run();
      } catch (cause) {
        throw GONE.has(sqlState(cause)) ? savepointLost(system, cause) : cause;
      }
    });

  access.guardSession(() => {
    if (isLost(session)) throw savepointLost(system);
  });

  return {
    isolation: {
      mode: "savepoint",
      reason,
      notRestored: [...OUTSIDE, ...engine.catalogue.notRestored],
    },
    capabilities: { history: "stack", scope: "process", schema: false, counters: true },
    save: () =>
      alone(async () => {
        const saved = await savepoints.save();
        const changes = (): ReturnType<Engine["changes"]> => engine.changes(saved.place);
        return {
          restore: () => alone(() => savepoints.rollbackTo(saved)),
          release: () => alone(() => savepoints.release(saved)),
          diff: () => alone(async () => toDiff(await attempt("compare", changes))),
        };
      }),
    observe: (onText) => alone(() => observeDatabase({ client: session, driver, schemas }, onText)),
    close: () =>
      access.alone(async () => {
        if (isLost(session)) return;
        // Sequences are not part of the transaction.
        if (target.isGiven) await countFrom(session, initial.counters);
        await session.query("ROLLBACK");
      }),
  };
}

const OUTSIDE = ["schema changes", "advisory locks", "the clock: now() stands still"] as const;

interface Savepoints extends Omit<SavepointStack<Savepoint>, "push"> {
  readonly save: () => Promise<Savepoint>;
}

function createSavepoints(session: PostgresClient, engine: Engine, attempt: Attempt): Savepoints {
  const stack = createSavepointStack<Savepoint>((sql) => session.query(sql));
  let nextId = 1;
  return {
    save: async () => {
      const id = nextId++;
      const name = `explore_${id}`;
      await session.query(`SAVEPOINT ${name}`);
      const { place, counters } = await attempt("checkpoint", () => engine.save("0", id));
      const savepoint = { name, place, counters, released: false };
      stack.push(savepoint);
      return savepoint;
    },
    rollbackTo: async (savepoint) => {
      await stack.rollbackTo(savepoint);
      await countFrom(session, savepoint.counters);
    },
    release: stack.release,
  };
}

async function countFrom(session: PostgresClient, { last, called }: Counters): Promise<void> {
  await session.query(`SELECT ${OURS}.count_from($1, $2)`, [last, called]);
}

/** No such savepoint, no transaction. */
const GONE = new Set(["3B001", "25P01"]);

function isLost(session: PostgresClient): boolean {
  return session.getTransactionStatus?.() === "I";
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
