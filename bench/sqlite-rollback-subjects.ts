import { mkdirSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { SqliteIsolation } from "../src/adapters/sqlite/index.ts";
import { timed, type Sample } from "./measure.ts";
import { adapterSide, idsOf, type Cost, type Side } from "./rollback.ts";
import { connectSqlite, fillAccounts, openRaw, type RawConnection } from "./sqlite-database.ts";

/** How the rollback of a mode is done by hand; `memory` is `savepoint` without a file. */
export type ModeName = Exclude<SqliteIsolation, "auto"> | "memory";

/** What both sides start from. */
export interface Setup {
  readonly mode: ModeName;
  readonly rows: number;
  /** A database in WAL mode with that many rows. */
  readonly template: string;
  /** A folder that holds this side's files only. */
  readonly directory: string;
}

const UPDATE = "UPDATE accounts SET balance = balance + 1 WHERE id = ?";
const SELECT = "SELECT * FROM accounts WHERE id = ?";
const DELETE = "DELETE FROM accounts WHERE id = ?";
const INSERT =
  "INSERT INTO accounts (id, owner, balance, note) VALUES (@id, @owner, @balance, @note)";

/** Our adapter, and an app that writes through a connection of its own where the mode allows it. */
export async function ourSide({ mode, rows, template, directory }: Setup): Promise<Side> {
  mkdirSync(directory, { recursive: true });
  const { handle, adapter } = await connectSqlite(
    mode === "memory"
      ? { path: ":memory:", schema: (connection) => fillAccounts(connection, rows) }
      : { path: template, isolation: mode },
    directory,
  );
  const shared = mode === "undo" || mode === "backup";
  const app = shared ? openRaw(handle.path) : undefined;
  const update = app?.prepare(UPDATE);
  const { mode: chosen } = await adapter.open();
  if (chosen !== (mode === "memory" ? "savepoint" : mode)) throw new Error(`got ${chosen}`);

  return adapterSide({
    adapter,
    change: async (round) => {
      const ids = idsOf(round, rows);
      if (app !== undefined && update !== undefined) {
        app.transaction(() => ids.forEach((id) => update.run(id)))();
        return;
      }
      for (const id of ids) await handle.execute(UPDATE, [id]);
    },
    close: async () => {
      app?.close();
      await adapter[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  });
}

/** The driver, with what one would write by hand who knows which rows will change. */
export async function rawSide(setup: Setup): Promise<Side> {
  const { mode, rows, template, directory } = setup;
  mkdirSync(directory, { recursive: true });
  const file = mode === "memory" ? ":memory:" : join(directory, "raw.db");
  if (mode !== "memory") await copyFile(template, file);
  let connection = openRaw(file);
  if (mode === "memory") fillAccounts(connection, rows);
  let round = 0;
  const nextIds = (): readonly number[] => idsOf((round += 1), rows);
  const { sample, close } = BY_HAND[mode]({
    file,
    copy: join(directory, "copy.db"),
    nextIds,
    connection: () => connection,
    reopen: () => (connection = openRaw(file)),
  });
  return {
    sample,
    [Symbol.asyncDispose]: async () => {
      close?.();
      if (connection.open) connection.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface ByHand {
  readonly file: string;
  readonly copy: string;
  readonly nextIds: () => readonly number[];
  readonly connection: () => RawConnection;
  readonly reopen: () => RawConnection;
}

interface HandMade {
  readonly sample: Sample<Cost>;
  readonly close?: () => void;
}

const BY_HAND: Readonly<Record<ModeName, (by: ByHand) => HandMade>> = {
  undo: undoByHand,
  backup: backupByHand,
  file: fileByHand,
  savepoint: savepointByHand,
  memory: savepointByHand,
};

/** Remembers the rows while they are changed, and puts them back in one transaction. */
function undoByHand({ connection, file, nextIds }: ByHand): HandMade {
  const app = openRaw(file);
  const control = connection();
  const [select, update] = [app.prepare(SELECT), app.prepare(UPDATE)];
  const [remove, insert] = [control.prepare(DELETE), control.prepare(INSERT)];
  const change = (): readonly unknown[] => {
    const ids = nextIds();
    const before = ids.map((id) => select.get(id));
    app.transaction(() => ids.forEach((id) => update.run(id)))();
    return before;
  };
  const putBack = control.transaction((ids: readonly number[], rows: readonly unknown[]) => {
    for (const id of ids) remove.run(id);
    for (const row of rows) insert.run(row);
  });
  return {
    sample: async () => {
      const rows = change() as readonly { readonly id: number }[];
      const ids = rows.map(({ id }) => id);
      const rollbackMs = await timed(() => putBack.immediate(ids, rows));
      return { checkpointMs: 0, rollbackMs, toFirstMs: 0 };
    },
    close: () => app.close(),
  };
}

/** The driver's backup to a file, and from there back into the open database. */
function backupByHand({ connection, copy, file, nextIds }: ByHand): HandMade {
  const control = connection();
  const app = openRaw(file);
  const update = app.prepare(UPDATE);
  const change = (): void => app.transaction(() => nextIds().forEach((id) => update.run(id)))();
  const progress = { progress: () => 0x7fffffff };
  return {
    sample: async () => {
      change();
      const checkpointMs = await timed(() => control.backup(copy, progress));
      change();
      const rollbackMs = await timed(async () => {
        const image = openRaw(copy);
        await image.backup(file, progress);
        image.close();
      });
      return { checkpointMs, rollbackMs, toFirstMs: 0 };
    },
    close: () => app.close(),
  };
}

/** Closes the database and copies its file, and copies it back. */
function fileByHand({ connection, reopen, copy, file, nextIds }: ByHand): HandMade {
  const change = (): void => {
    const update = connection().prepare(UPDATE);
    for (const id of nextIds()) update.run(id);
  };
  return {
    sample: async () => {
      change();
      const checkpointMs = await timed(async () => {
        connection().close();
        await copyFile(file, copy);
      });
      reopen();
      change();
      const rollbackMs = await timed(async () => {
        connection().close();
        await copyFile(copy, file);
      });
      reopen();
      return { checkpointMs, rollbackMs, toFirstMs: 0 };
    },
  };
}

/** Savepoints in a transaction that is never committed. */
function savepointByHand({ connection, nextIds }: ByHand): HandMade {
  const app = connection();
  const update = app.prepare(UPDATE);
  const change = (): void => nextIds().forEach((id) => update.run(id));
  const [savepoint, rollback] = ["SAVEPOINT step", "ROLLBACK TO step"].map((sql) =>
    app.prepare(sql),
  );
  app.exec("BEGIN; SAVEPOINT first");
  // Rolling back alone keeps every page that was ever put aside, and reads them all the next time.
  const back = ["ROLLBACK TO first", "RELEASE first", "SAVEPOINT first"].map((sql) =>
    app.prepare(sql),
  );
  return {
    sample: async () => {
      change();
      const checkpointMs = await timed(() => savepoint?.run());
      change();
      const rollbackMs = await timed(() => rollback?.run());
      const toFirstMs = await timed(() => back.forEach((statement) => statement.run()));
      return { checkpointMs, rollbackMs, toFirstMs };
    },
  };
}
