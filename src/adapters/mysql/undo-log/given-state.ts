import { createHash } from "node:crypto";
import { inUse } from "../../sql/in-use.ts";
import type { AppTrigger } from "../app-triggers.ts";
import { dropOwnTriggers, makeTriggers } from "../app-triggers.ts";
import type { Table } from "../catalogue.ts";
import { HIDDEN_KEY, readCatalogue, tableName } from "../catalogue.ts";
import type { Control } from "../control.ts";
import type { Counters } from "../counters.ts";
import { counterSql } from "../counters.ts";
import { errorNumber, queryAll, readRows } from "../driver.ts";
import type { ModeTarget } from "../mode.ts";
import { nameList } from "../quote.ts";
import { restoreSql } from "./restore-sql.ts";
import { stateOf } from "../space.ts";

/** What is kept in the user's own database while we work in it, for the run after a killed one. */
interface GivenState {
  /** The app's triggers as they were. */
  readonly triggers: readonly AppTrigger[];
  /** Names of the tables that were given a key of ours. */
  readonly keyless: readonly string[];
  readonly counters: Counters;
  /** Where to go back to, and with which tables; absent while the log is not complete. */
  readonly base?: { readonly place: string; readonly tables: readonly Table[] };
}

/** Later than everything in a log. */
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Makes sure that nobody else works in the user's database, and undoes what a killed run left.
 *
 * @throws ExploreError `EXPLORE_DATABASE_LOCKED` when another run works in it.
 */
export async function ownGiven(target: ModeTarget, control: Control): Promise<void> {
  const { client } = control;
  const [row] = await readRows<{ got: number | null }>(client, "SELECT GET_LOCK(?, 0) AS got", [
    lockOf(target.database),
  ]);
  if (row?.got !== 1) throw inUse(target);
  const state = await readState(target, control);
  if (state === undefined) return;
  if (state.base !== undefined) await putBack(target, control, state.base);
  await uninstallGiven(target, control);
}

/** Writes down what the user's database is like before anything is changed in it. */
export async function rememberGiven(
  target: ModeTarget,
  control: Control,
  found: { readonly triggers: readonly AppTrigger[]; readonly keyless: readonly Table[] },
): Promise<{ readonly wasMarked: (tables: readonly Table[], place: string) => Promise<void> }> {
  const table = stateOf(target.space);
  const state: GivenState = {
    triggers: found.triggers,
    keyless: found.keyless.map(({ name }) => name),
    counters: await readCounters(target, control),
  };
  await control.client.query(
    `CREATE TABLE ${table} (id INT PRIMARY KEY, state LONGTEXT NOT NULL) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4`,
  );
  await control.client.query(`INSERT INTO ${table} VALUES (1, ?)`, [JSON.stringify(state)]);
  return {
    wasMarked: async (tables, place) => {
      const marked = { ...state, base: { place, tables } };
      await control.client.query(`UPDATE ${table} SET state = ?`, [JSON.stringify(marked)]);
    },
  };
}

/** Leaves the user's database as it was found, but for rows. */
export async function uninstallGiven(target: ModeTarget, control: Control): Promise<void> {
  const state = await readState(target, control);
  if (state === undefined) return;
  const { database, space } = target;
  const { client } = control;
  await dropOwnTriggers(control, database);
  await makeTriggers(control, database, state.triggers);
  const { tables } = await readCatalogue(control, database);
  for (const { name, key } of tables) {
    if (!state.keyless.includes(name) || key[0] !== HIDDEN_KEY) continue;
    await client.query(`ALTER TABLE ${tableName(database, name)} DROP COLUMN ${HIDDEN_KEY}`);
  }
  const { write } = counterSql(database, { tables });
  await queryAll(client, write(await readCounters(target, control), state.counters));
  const logs = await readRows<{ name: string }>(
    client,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME REGEXP '^explore_(fresh|log|way)_[0-9]+$'",
    [space.database],
  );
  if (logs.length > 0) await client.query(`DROP TABLE ${nameList(logs.map(({ name }) => name))}`);
  await client.query(`DROP TABLE ${stateOf(space)}`);
}

async function putBack(
  { space }: ModeTarget,
  { client }: Control,
  { place, tables }: NonNullable<GivenState["base"]>,
): Promise<void> {
  const sql = tables.map((table) => restoreSql(space, table));
  const statements = sql.flatMap(({ fold, undo }) => [...fold(LAST), ...undo(place)]);
  const write = (isPlain: boolean): readonly string[] =>
    statements.filter((statement) => statement.isPlain === isPlain).map((it) => it.sql);
  await queryAll(client, ["START TRANSACTION", ...write(false), "COMMIT", ...write(true)]);
}

async function readCounters({ database }: ModeTarget, control: Control): Promise<Counters> {
  const { read, parse } = counterSql(database, await readCatalogue(control, database));
  return parse(
    await queryAll(
      control.client,
      read.map(({ sql }) => sql),
    ),
  );
}

async function readState(
  { space }: ModeTarget,
  { client }: Control,
): Promise<GivenState | undefined> {
  const rows = await readRows<{ state: string }>(
    client,
    `SELECT state FROM ${stateOf(space)}`,
  ).catch((error: unknown) => {
    // No such table.
    if (errorNumber(error) === 1146) return undefined;
    throw error;
  });
  if (rows === undefined) return undefined;
  const [row] = rows;
  const nothing = { triggers: [], keyless: [], counters: {} };
  return row === undefined ? nothing : (JSON.parse(row.state) as GivenState);
}

/** Names of locks have 64 letters, and are the whole server's. */
function lockOf(database: string): string {
  return `explore_${createHash("sha256").update(database).digest("hex").slice(0, 40)}`;
}
