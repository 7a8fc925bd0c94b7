import type { Client } from "pg";
import type { PostgresIsolation } from "../src/adapters/postgres/index.ts";
import { timed, type Sample } from "./measure.ts";
import { connectPostgres, connectRaw, type BenchServer } from "./postgres-database.ts";
import { adapterSide, idsOf, type Cost, type Side } from "./rollback.ts";

/** How the rollback of a mode is done by hand; `reload` is what one does who has no rollback. */
export type ModeName = Exclude<PostgresIsolation, "auto">;

/** What both sides start from. */
export interface Setup {
  readonly server: BenchServer;
  readonly mode: ModeName;
  readonly rows: number;
  /** A database with that many rows, to which nobody is connected. */
  readonly template: string;
}

const UPDATE = "UPDATE accounts SET balance = balance + 1 WHERE id = ANY($1::bigint[])";

/** What the app does in a step: it changes rows by key, through its own connection, and commits. */
async function commitChange(app: Client, ids: readonly number[]): Promise<void> {
  await app.query("BEGIN");
  await app.query({ name: "change", text: UPDATE, values: [ids] });
  await app.query("COMMIT");
}

/** Our adapter; the app has a connection of its own where the mode leaves it one. */
export async function ourSide({ server, mode, rows, template }: Setup): Promise<Side> {
  const { handle, adapter } = await connectPostgres({
    url: server.url(template),
    isolation: mode,
  });
  const app = mode === "undo" ? await connectRaw(handle.url) : undefined;
  const { mode: chosen } = await adapter.open();
  if (chosen !== mode) throw new Error(`asked for ${mode}, got ${chosen}`);
  return adapterSide({
    adapter,
    change: async (round) => {
      const ids = idsOf(round, rows);
      await (app === undefined ? handle.execute(UPDATE, [ids]) : commitChange(app, ids));
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
  await server.run(`CREATE DATABASE "${database}" TEMPLATE "${template}"`);
  let round = 0;
  const { sample, close } = await BY_HAND[mode]({
    server,
    database,
    nextIds: () => idsOf((round += 1), rows),
  });
  return {
    sample,
    [Symbol.asyncDispose]: async () => {
      await close();
      await server.run(`DROP DATABASE "${database}" WITH (FORCE)`);
    },
  };
}

interface ByHand {
  readonly server: BenchServer;
  readonly database: string;
  readonly nextIds: () => readonly number[];
}

interface HandMade {
  readonly sample: Sample<Cost>;
  readonly close: () => Promise<void>;
}

const BY_HAND: Readonly<Record<ModeName, (by: ByHand) => Promise<HandMade>>> = {
  undo: undoByHand,
  savepoint: savepointByHand,
  template: templateByHand,
};

const SELECT = "SELECT id, owner, balance, note FROM accounts WHERE id = ANY($1::bigint[])";
const PUT_BACK = `UPDATE accounts AS t SET owner = k.owner, balance = k.balance, note = k.note
  FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) AS k(id, owner, balance, note) WHERE t.id = k.id`;

interface Account {
  readonly id: string;
  readonly owner: string;
  readonly balance: string;
  readonly note: string;
}

/** Remembers the rows before they are changed, and puts them back with one prepared statement. */
async function undoByHand({ server, database, nextIds }: ByHand): Promise<HandMade> {
  const app = await connectRaw(server.url(database));
  const control = await connectRaw(server.url(database));
  return {
    sample: async () => {
      const ids = nextIds();
      const { rows } = await app.query<Account>({ name: "look", text: SELECT, values: [ids] });
      await commitChange(app, ids);
      const columns = (["id", "owner", "balance", "note"] as const).map((name) =>
        rows.map((row) => row[name]),
      );
      const putBack = { name: "put back", text: PUT_BACK, values: columns };
      const rollbackMs = await timed(() => control.query(putBack));
      return { checkpointMs: 0, rollbackMs, toFirstMs: 0 };
    },
    close: async () => {
      await app.end();
      await control.end();
    },
  };
}

/** Savepoints in a transaction that is never committed. */
async function savepointByHand({ server, database, nextIds }: ByHand): Promise<HandMade> {
  const app = await connectRaw(server.url(database));
  await app.query("BEGIN; SAVEPOINT first");
  const change = (): Promise<unknown> =>
    app.query({ name: "change", text: UPDATE, values: [nextIds()] });
  return {
    sample: async () => {
      await change();
      const checkpointMs = await timed(() => app.query("SAVEPOINT step"));
      await change();
      const rollbackMs = await timed(() => app.query("ROLLBACK TO step"));
      const toFirstMs = await timed(() => app.query("ROLLBACK TO first"));
      return { checkpointMs, rollbackMs, toFirstMs };
    },
    close: () => app.end(),
  };
}

/** Copies the database, and replaces it by the copy; an app would have to connect again. */
async function templateByHand({ server, database, nextIds }: ByHand): Promise<HandMade> {
  const admin = await connectRaw(server.url("postgres"));
  const change = async (): Promise<void> => {
    const app = await connectRaw(server.url(database));
    await app.query(UPDATE, [nextIds()]);
    await app.end();
  };
  const copy = `${database}_copy`;
  return {
    sample: async () => {
      await change();
      const checkpointMs = await timed(() =>
        admin.query(`CREATE DATABASE "${copy}" TEMPLATE "${database}"`),
      );
      await change();
      const rollbackMs = await timed(async () => {
        await admin.query(`DROP DATABASE "${database}" WITH (FORCE)`);
        await admin.query(`CREATE DATABASE "${database}" TEMPLATE "${copy}"`);
      });
      await admin.query(`DROP DATABASE "${copy}" WITH (FORCE)`);
      return { checkpointMs, rollbackMs, toFirstMs: 0 };
    },
    close: () => admin.end(),
  };
}

/** What one does who has no rollback: empties the table and loads the rows that it began with. */
export async function reloadSide({ server, rows, template }: Omit<Setup, "mode">): Promise<Side> {
  const database = `reload_${rows}`;
  await server.run(`CREATE DATABASE "${database}" TEMPLATE "${template}"`);
  // Kept in the same server, so that not even reading a file counts.
  await server.run("CREATE SCHEMA seed; CREATE TABLE seed.accounts AS TABLE accounts", database);
  const app = await connectRaw(server.url(database));
  let round = 0;
  return {
    sample: async () => {
      await commitChange(app, idsOf((round += 1), rows));
      const rollbackMs = await timed(() =>
        app.query(
          "TRUNCATE accounts RESTART IDENTITY; INSERT INTO accounts SELECT * FROM seed.accounts",
        ),
      );
      return { checkpointMs: 0, rollbackMs, toFirstMs: 0 };
    },
    [Symbol.asyncDispose]: async () => {
      await app.end();
      await server.run(`DROP DATABASE "${database}" WITH (FORCE)`);
    },
  };
}
