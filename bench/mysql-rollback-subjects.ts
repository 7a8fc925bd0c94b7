import type { Connection, RowDataPacket } from "mysql2/promise";
import { timed, type Sample } from "./measure.ts";
import { connectMysql, connectRaw, copyDatabase, type BenchServer } from "./mysql-database.ts";
import { adapterSide, idsOf, type Cost, type Side } from "./rollback.ts";

/** How the rollback of a mode is done by hand. */
export type ModeName = "undo" | "savepoint" | "copy";

/** What both sides start from. */
export interface Setup {
  readonly server: BenchServer;
  readonly mode: ModeName;
  readonly rows: number;
  /** A database with that many rows. */
  readonly template: string;
}

const UPDATE = "UPDATE accounts SET balance = balance + 1 WHERE id IN (?, ?, ?)";

/** What the app does in a step: it changes rows by key, through its own connection, and commits. */
async function commitChange(app: Connection, ids: readonly number[]): Promise<void> {
  await app.query("BEGIN");
  await app.execute(UPDATE, [...ids]);
  await app.query("COMMIT");
}

/** Our adapter; the app has a connection of its own where the mode leaves it one. */
export async function ourSide({ server, mode, rows, template }: Setup): Promise<Side> {
  const { handle, adapter } = await connectMysql({ url: server.url(template), isolation: mode });
  const app = mode === "savepoint" ? undefined : await connectRaw(handle.url);
  const { mode: chosen } = await adapter.open();
  if (chosen !== mode) throw new Error(`asked for ${mode}, got ${chosen}`);
  return adapterSide({
    adapter,
    change: async (round) => {
      const ids = idsOf(round, rows);
      await (app === undefined ? handle.execute(UPDATE, ids) : commitChange(app, ids));
    },
    close: async () => {
      await app?.end();
      await adapter[Symbol.asyncDispose]();
    },
  });
}

/** The driver, with what one would write by hand who knows which rows will change. */
export async function sideByHand({ server, mode, rows, template }: Setup): Promise<Side> {
  const database = `by_hand_${mode}_${rows}`;
  await copyDatabase(server, { from: template, to: database });
  const app = await connectRaw(server.url(database));
  let round = 0;
  return {
    sample: await BY_HAND[mode]({ app, nextIds: () => idsOf((round += 1), rows) }),
    [Symbol.asyncDispose]: async () => {
      await app.end();
      await server.run(`DROP DATABASE \`${database}\``);
    },
  };
}

interface ByHand {
  readonly app: Connection;
  readonly nextIds: () => readonly number[];
}

const BY_HAND: Readonly<Record<ModeName, (by: ByHand) => Promise<Sample<Cost>>>> = {
  undo: undoByHand,
  savepoint: savepointByHand,
  copy: copyByHand,
};

const SELECT = "SELECT id, owner, balance, note FROM accounts WHERE id IN (?, ?, ?)";
const PUT_BACK =
  "REPLACE INTO accounts (id, owner, balance, note) VALUES (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)";

interface Account extends RowDataPacket {
  readonly id: number;
  readonly owner: string;
  readonly balance: number;
  readonly note: string;
}

/** Remembers the rows before they are changed, and puts them back with one prepared statement. */
async function undoByHand({ app, nextIds }: ByHand): Promise<Sample<Cost>> {
  return async () => {
    const ids = nextIds();
    const [rows] = await app.execute<Account[]>(SELECT, [...ids]);
    await commitChange(app, ids);
    const values = rows.flatMap(({ id, owner, balance, note }) => [id, owner, balance, note]);
    const rollbackMs = await timed(() => app.execute(PUT_BACK, values));
    return { checkpointMs: 0, rollbackMs, toFirstMs: 0 };
  };
}

/** Savepoints in a transaction that is never committed. */
async function savepointByHand({ app, nextIds }: ByHand): Promise<Sample<Cost>> {
  await app.query("BEGIN; SAVEPOINT first");
  const change = (): Promise<unknown> => app.execute(UPDATE, [...nextIds()]);
  return async () => {
    await change();
    const checkpointMs = await timed(() => app.query("SAVEPOINT step"));
    await change();
    const rollbackMs = await timed(() => app.query("ROLLBACK TO step"));
    const toFirstMs = await timed(() => app.query("ROLLBACK TO first"));
    return { checkpointMs, rollbackMs, toFirstMs };
  };
}

/** Copies the table, and fills it again from the copy. */
async function copyByHand({ app, nextIds }: ByHand): Promise<Sample<Cost>> {
  return async () => {
    await commitChange(app, nextIds());
    const checkpointMs = await timed(async () => {
      await app.query("CREATE TABLE copy_of_accounts LIKE accounts");
      await app.query("INSERT INTO copy_of_accounts SELECT * FROM accounts");
    });
    await commitChange(app, nextIds());
    const rollbackMs = await timed(async () => {
      await app.query("TRUNCATE accounts");
      await app.query("INSERT INTO accounts SELECT * FROM copy_of_accounts");
    });
    await app.query("DROP TABLE copy_of_accounts");
    return { checkpointMs, rollbackMs, toFirstMs: 0 };
  };
}

/** What one does who has no rollback: empties the table and loads the rows that it began with. */
export async function reloadSide({ server, rows, template }: Omit<Setup, "mode">): Promise<Side> {
  const database = `reload_${rows}`;
  await copyDatabase(server, { from: template, to: database });
  const app = await connectRaw(server.url(database));
  let round = 0;
  return {
    sample: async () => {
      await commitChange(app, idsOf((round += 1), rows));
      const sql = `TRUNCATE accounts; INSERT INTO accounts SELECT * FROM \`${template}\`.accounts`;
      return { checkpointMs: 0, rollbackMs: await timed(() => app.query(sql)), toFirstMs: 0 };
    },
    [Symbol.asyncDispose]: async () => {
      await app.end();
      await server.run(`DROP DATABASE \`${database}\``);
    },
  };
}
