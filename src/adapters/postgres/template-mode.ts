import type { Diff, RowChange } from "../adapter.ts";
import { quoteName, quoteText } from "../sql/quote.ts";
import type { Table } from "./catalogue.ts";
import { collectionName, describeColumns, ownRows, readCatalogue } from "./catalogue.ts";
import { openReader } from "./control.ts";
import type { PostgresClient } from "./driver.ts";
import type { Access } from "./handle.ts";
import type { Mode, ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { newName } from "../sql/database-names.ts";
import { connectBeside, dropDatabase } from "./databases.ts";
import type { OpenTransaction } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";
import { foreignShapeSql } from "./shape.ts";
import { valueParser } from "./values.ts";

/**
 * Rolls back by copying the whole database. A copy needs that nobody is connected, so every open
 * connection is ended, at a checkpoint and at a rollback; pools make new ones.
 */
export async function templateMode(
  target: ModeTarget,
  access: Access,
  reason: string,
): Promise<Mode> {
  const { database, driver, schemas } = target;
  const admin = await connectBeside(driver, database);
  const copies = new Set<string>();

  async function reading<T>(run: (client: PostgresClient) => Promise<T>): Promise<T> {
    const client = await openReader(target, database);
    try {
      return await run(client);
    } finally {
      await client.end();
    }
  }

  const { endConnections, copy } = copier(target, access, admin);

  return {
    isolation: {
      mode: "template",
      reason,
      notRestored: ["open connections (they are ended)", "large objects of other databases"],
    },
    capabilities: { history: "tree", scope: "server", schema: true, counters: true },
    save: async () => {
      const image = newName();
      await endConnections("checkpoint");
      await copy(database, image, "checkpoint");
      copies.add(image);
      return {
        restore: async () => {
          await endConnections("roll back");
          await dropDatabase(admin, database);
          await copy(image, database, "roll back");
        },
        release: async () => {
          copies.delete(image);
          await dropDatabase(admin, image);
        },
        diff: () => reading((now) => diffWith(target, image, now)),
      };
    },
    observe: (onText) => reading((client) => observeDatabase({ client, driver, schemas }, onText)),
    close: async () => {
      try {
        for (const image of copies) await dropDatabase(admin, image);
      } finally {
        await admin.end();
      }
    },
  };
}

interface Copier {
  /** Ends all connections once their transactions are over. */
  readonly endConnections: (verb: string) => Promise<void>;
  readonly copy: (from: string, to: string, verb: string) => Promise<void>;
}

function copier(target: ModeTarget, access: Access, admin: PostgresClient): Copier {
  const others = `FROM pg_stat_activity WHERE datname = ${quoteText(target.database)} AND backend_type = 'client backend'`;
  return {
    endConnections: async (verb) => {
      await untilQuiet(target, verb, async () => {
        const { rows } = await admin.query<OpenTransaction>(
          `SELECT pid, state, query, application_name AS application ${others} AND xact_start IS NOT NULL`,
        );
        return rows.length === 0 ? true : { open: rows };
      });
      await access.close();
      // The server looks for connections every 100 ms only, so they must be gone before it looks.
      await untilQuiet(target, verb, async () => {
        const { rows } = await admin.query<OpenTransaction>(
          `SELECT pid, 'ending' AS state, query, application_name AS application, pg_terminate_backend(pid) ${others}`,
        );
        return rows.length === 0 ? true : { open: rows };
      });
    },
    // A connection that was told to end takes a moment, in which the database is in use.
    copy: async (from, to, verb) => {
      const sql = `CREATE DATABASE ${quoteName(to)} TEMPLATE ${quoteName(from)}`;
      await untilQuiet(target, verb, () => admin.query(sql));
    },
  };
}

interface Content {
  readonly tables: ReadonlyMap<string, { readonly table: Table; readonly all: readonly Table[] }>;
  readonly rows: ReadonlyMap<string, readonly Readonly<Record<string, string | null>>[]>;
  readonly shape: readonly string[];
}

/** Compares every row: the cost follows the size of the database. */
async function diffWith(target: ModeTarget, image: string, now: PostgresClient): Promise<Diff> {
  const then = await openReader(target, image);
  try {
    const [was, is] = [await readAll(then, target), await readAll(now, target)];
    const names = [...new Set([...was.tables.keys(), ...is.tables.keys()])].toSorted();
    const changes = [
      ...without(was.shape, is.shape).map((line) => ({ before: [line] })),
      ...without(is.shape, was.shape).map((line) => ({ after: [line] })),
    ];
    const schema =
      changes.length === 0
        ? []
        : [{ collection: "(schema)", columns: [{ name: "line" }], changes }];
    return [...schema, ...names.flatMap((name) => diffTable(target, name, { was, is }))];
  } finally {
    await then.end();
  }
}

function without(all: readonly string[], other: readonly string[]): readonly string[] {
  return all.filter((line) => !other.includes(line));
}

async function readAll(client: PostgresClient, { schemas }: ModeTarget): Promise<Content> {
  const { tables } = await readCatalogue(client, schemas);
  const rows = new Map<string, readonly Record<string, string | null>[]>();
  for (const table of tables) {
    const list = table.columns.map(({ name }) => `${quoteName(name)}::text AS ${quoteName(name)}`);
    const key = (table.key.length > 0 ? table.key : table.columns.map(({ name }) => name)).map(
      quoteName,
    );
    const order = table.key.length > 0 ? key.map((name) => `t.${name}`) : ["(t.*)::text"];
    const sql = `SELECT ${list.join(", ")} FROM ${ownRows(table)} AS t${order.length > 0 ? ` ORDER BY ${order.join(", ")}` : ""}`;
    rows.set(collectionName(table), (await client.query<Record<string, string | null>>(sql)).rows);
  }
  const shape = await client.query<{ line: string }>(foreignShapeSql(schemas));
  return {
    tables: new Map(tables.map((table) => [collectionName(table), { table, all: tables }])),
    rows,
    shape: shape.rows.map(({ line }) => line),
  };
}

function diffTable(
  { driver }: ModeTarget,
  name: string,
  { was, is }: { readonly was: Content; readonly is: Content },
): Diff {
  const sides = [is.tables.get(name), was.tables.get(name)].filter((side) => side !== undefined);
  const known = sides.flatMap(({ table, all }) =>
    describeColumns(table, all).map((column, i) => ({
      column,
      parse: valueParser(driver, table.columns[i]?.type ?? 0),
    })),
  );
  const columns = known.filter(
    ({ column }, i) => known.findIndex((other) => other.column.name === column.name) === i,
  );
  const key = sides[0]?.table.key ?? [];
  const before = byKey(was.rows.get(name) ?? [], key);
  const after = byKey(is.rows.get(name) ?? [], key);
  const read = (row: Readonly<Record<string, string | null>>): NonNullable<RowChange["after"]> =>
    columns.map(({ column, parse }) => {
      const text = row[column.name] ?? null;
      return text === null ? null : parse(text);
    });
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((id): RowChange[] => {
    const [old, current] = [before.get(id), after.get(id)];
    if (JSON.stringify(old) === JSON.stringify(current)) return [];
    return [{ ...(old && { before: read(old) }), ...(current && { after: read(current) }) }];
  });
  return changes.length === 0
    ? []
    : [{ collection: name, columns: columns.map(({ column }) => column), changes }];
}

/** Rows by key; equal rows of a table without one are numbered. */
function byKey<Row extends Readonly<Record<string, string | null>>>(
  rows: readonly Row[],
  key: readonly string[],
): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const values = key.length > 0 ? key.map((name) => row[name]) : Object.values(row);
    const text = JSON.stringify(values);
    let nth = 0;
    while (found.has(`${text}${nth}`)) nth += 1;
    found.set(`${text}${nth}`, row);
  }
  return found;
}
