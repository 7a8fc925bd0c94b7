import { ExploreError } from "../../errors.ts";
import { createAttempt } from "../sql/attempt.ts";
import type { Mode } from "../mode.ts";
import type { Savepoint as AnySavepoint, SavepointStack } from "../sql/savepoints.ts";
import { createSavepointStack } from "../sql/savepoints.ts";
import type { Attempt } from "../sql/standing.ts";
import type { Control } from "./control.ts";
import { asOurs, close, isBlocked, openControl } from "./control.ts";
import { diffReader } from "./diff.ts";
import type { MysqlClient, MysqlQuery, MysqlResult } from "./driver.ts";
import { errorNumber } from "./driver.ts";
import type { Engine } from "./undo-log/engine.ts";
import { createEngine, isBroken } from "./undo-log/engine.ts";
import type { Access } from "./handle.ts";
import { installLog } from "./undo-log/install.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";

interface Savepoint extends AnySavepoint {
  readonly place: string;
}

/**
 * Rolls back what the handle's session wrote, by savepoints in one transaction that is never
 * committed. The log in it, which rolls back with the rest, tells what has changed.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when there are tables that no transaction
 * holds, or triggers may not be made.
 */
export async function savepointMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { system, database } = target;
  const session = await access.session();
  const { engine, control, uninstall } = await start(target, session);
  const attempt = createAttempt(
    { ...target, isBlocked },
    { schemaChanges: engine.schemaChanges, isBroken, copying: "copy" },
  );
  const toDiff = diffReader(engine.catalogue.tables);
  const watch = watchTransaction(session);
  const savepoints = createSavepoints(session, engine, attempt);

  /** Runs a verb; the transaction that it needs may have been ended by the app. */
  const alone = <T>(run: () => Promise<T>): Promise<T> =>
    access.alone(async () => {
      if (!(await watch.isOpen())) throw savepointLost(system, watch.endedBy());
      try {
        return await asOurs(session, run);
      } catch (cause) {
        throw errorNumber(cause) === NO_SAVEPOINT ? savepointLost(system, undefined) : cause;
      }
    });

  access.guardSession(() => {
    if (watch.endedBy() !== undefined) throw savepointLost(system, watch.endedBy());
  });

  return {
    isolation: {
      mode: "savepoint",
      reason,
      notRestored: [...OUTSIDE, ...engine.catalogue.notRestored],
    },
    capabilities: { history: "stack", scope: "process", schema: false, counters: false },
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
    observe: (onText) =>
      alone(() => observeDatabase({ control, database, withCounters: false }, onText)),
    close: () =>
      access.alone(async () => {
        await session.query("ROLLBACK");
        await uninstall();
      }),
  };
}

const OUTSIDE = ["schema changes", "AUTO_INCREMENT counters", "user-level locks"] as const;

interface Started {
  readonly engine: Engine;
  readonly control: Control;
  /** Removes the log where it is the user's own database. */
  readonly uninstall: () => Promise<void>;
}

async function start(target: ModeTarget, session: MysqlClient): Promise<Started> {
  // Stays open: it holds the user's own database for this run.
  const installer = await openControl(target);
  try {
    const { catalogue, uninstall } = await installLog(target, installer);
    const plain = catalogue.tables.find(({ isTransactional }) => !isTransactional);
    if (plain !== undefined) {
      await uninstall(installer);
      throw notTransactional(target.system, plain);
    }
    const control = { ...installer, client: session };
    await session.query("START TRANSACTION");
    const own = { ...target, withCounters: false };
    const engine = await asOurs(session, () =>
      createEngine({ target: own, control, catalogue, openQuery: undefined, isSession: true }),
    );
    return {
      engine,
      control,
      uninstall: async () => {
        try {
          await uninstall(installer);
        } finally {
          await close(installer.client);
        }
      },
    };
  } catch (error) {
    await close(installer.client);
    throw error;
  }
}

interface TransactionWatch {
  /** Asks whether the session still is in the transaction. */
  readonly isOpen: () => Promise<boolean>;
  /** The statement that ended it; `undefined` as long as none is known. */
  readonly endedBy: () => string | undefined;
}

/** A flag of the protocol: the session is in a transaction. */
const IN_TRANSACTION = 1;
/** A deadlock's victim loses all of its transaction. */
const DEADLOCK = 1213;
/** No such savepoint, where a transaction was begun anew out of our sight. */
const NO_SAVEPOINT = 1305;
/** Ends the transaction and begins another, which the flag does not show. */
const BEGINS_ANEW =
  /^\s*(?:BEGIN\b(?!\s+NOT\b)|START\s+TRANSACTION\b|(?:COMMIT|ROLLBACK)\s+(?:WORK\s+)?AND\s+CHAIN\b)/i;

/** Looks at the answers to all statements of a session, whoever runs them. */
function watchTransaction(session: MysqlClient): TransactionWatch {
  let endedBy: string | undefined;
  const look = (query: string | MysqlQuery, answers: unknown): void => {
    const all: unknown[] = Array.isArray(answers) ? answers : [answers];
    const sql = typeof query === "string" ? query : query.sql;
    if (BEGINS_ANEW.test(sql) || all.some(isOver)) endedBy ??= sql;
  };
  const watched = (run: MysqlClient["query"]): MysqlClient["query"] => {
    return async (query, values) => {
      try {
        const answer = await run(query, values);
        look(query, answer[0]);
        return answer;
      } catch (error) {
        if (errorNumber(error) === DEADLOCK) endedBy ??= "a statement that met a deadlock";
        throw error;
      }
    };
  };
  Object.assign(session, {
    query: watched(session.query.bind(session)),
    execute: watched(session.execute.bind(session)),
  });
  return {
    isOpen: async () => {
      await session.query("DO 0");
      return endedBy === undefined;
    },
    endedBy: () => endedBy,
  };
}

function isOver(answer: unknown): boolean {
  return isResult(answer) && (answer.serverStatus & IN_TRANSACTION) === 0;
}

function isResult(answer: unknown): answer is MysqlResult {
  return typeof answer === "object" && answer !== null && "serverStatus" in answer;
}

interface Savepoints extends Omit<SavepointStack<Savepoint>, "push"> {
  readonly save: () => Promise<Savepoint>;
}

function createSavepoints(session: MysqlClient, engine: Engine, attempt: Attempt): Savepoints {
  const stack = createSavepointStack<Savepoint>((sql) => session.query(sql));
  let nextId = 1;
  return {
    save: async () => {
      const id = nextId++;
      // Logged first, so that the log is complete when the savepoint is gone back to.
      const { place } = await attempt("checkpoint", () => engine.save("0", id));
      const savepoint = { name: `explore_${id}`, place, released: false };
      await session.query(`SAVEPOINT ${savepoint.name}`);
      stack.push(savepoint);
      return savepoint;
    },
    rollbackTo: stack.rollbackTo,
    release: stack.release,
  };
}

function savepointLost(system: string, sql: string | undefined): ExploreError {
  const shown = sql?.replaceAll(/\s+/g, " ").slice(0, 200) ?? "(not known)";
  return new ExploreError(
    "EXPLORE_SAVEPOINT_LOST",
    `${system}: the savepoints are gone: a statement ended the transaction that held them.\n` +
      `  statement: ${shown}\n` +
      "COMMIT, ROLLBACK, BEGIN and START TRANSACTION do, and so does every change of the schema, TRUNCATE and LOCK TABLES.\n" +
      'Leave it out, or set `isolation: "undo"`, which undoes what was committed.',
    { details: { system, statement: shown } },
  );
}

function notTransactional(
  system: string,
  { name, engine }: { readonly name: string; readonly engine: string },
): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "savepoint" cannot be used, because no savepoint undoes what is written to the table ${name}.\n` +
      `  engine: ${engine}\n` +
      'Make it an InnoDB table, or set `isolation: "undo"`.',
    { details: { system, isolation: "savepoint", reason: `${name} is a ${engine} table` } },
  );
}
