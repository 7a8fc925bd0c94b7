import type { Diff, RowChange } from "../adapter.ts";
import { without } from "../sql/attempt.ts";
import { newName } from "../sql/database-names.ts";
import type { Mode } from "../mode.ts";
import { untilQuiet } from "../sql/quiescence.ts";
import type { Table } from "./catalogue.ts";
import { describeColumns, readCatalogue, tableName } from "./catalogue.ts";
import { cloneDatabase } from "./clone.ts";
import type { Control } from "./control.ts";
import { close, isBlocked, openControl } from "./control.ts";
import { createDatabase, dropDatabase } from "./databases.ts";
import { readRows } from "./driver.ts";
import { refuseEngines } from "./engines.ts";
import { emptyDatabase } from "./empty.ts";
import type { ModeTarget } from "./mode.ts";
import { observeDatabase } from "./observe.ts";
import { describeOpen, openQuery } from "./open-transactions.ts";
import { nameList } from "./quote.ts";
import { readShape } from "./shape.ts";
import { asBytes, valueParser } from "./values.ts";

/**
 * Rolls back by copying all tables. Needs no triggers and undoes schema changes; takes as long as the
 * database is large. Connections stay open.
 */
export async function copyMode(target: ModeTarget, reason: string): Promise<Mode> {
  const { system, database } = target;
  const control = await openControl(target);
  try {
    refuseEngines(system, "copy", (await readCatalogue(control, database)).tables);
  } catch (error) {
    await close(control.client);
    throw error;
  }
  const copies = new Set<string>();

  const quietly = <T>(verb: string, run: () => Promise<T>): Promise<T> =>
    untilQuiet<T>({ ...target, isBlocked }, verb, async () => {
      const open = await openIn(control, target);
      return open.length > 0 ? { open } : run();
    });

  return {
    isolation: {
      mode: "copy",
      reason,
      notRestored: ["events", "the history of versioned tables", "user-level locks"],
    },
    capabilities: { history: "tree", scope: "server", schema: true, counters: true },
    save: async () => {
      const image = newName();
      copies.add(image);
      await quietly("checkpoint", async () => {
        await dropDatabase(control, image);
        await createDatabase(control, image, database);
        await cloneDatabase(control, { system, from: database, to: image });
      });
      return {
        restore: () =>
          quietly("roll back", async () => {
            await emptyDatabase(control, database);
            await cloneDatabase(control, { system, from: image, to: database });
          }),
        release: async () => {
          copies.delete(image);
          await dropDatabase(control, image);
        },
        diff: () => quietly("compare", () => diffDatabases(control, { was: image, is: database })),
      };
    },
    observe: (onText) => observeDatabase({ control, database, withCounters: true }, onText),
    close: async () => {
      try {
        for (const image of copies) await dropDatabase(control, image);
      } finally {
        await close(control.client);
      }
    },
  };
}

async function openIn(control: Control, target: ModeTarget): ReturnType<typeof describeOpen> {
  const query = await openQuery(control, target.database);
  if (query === undefined) return [];
  const rows = await readRows<unknown>(control.client, query.sql);
  return describeOpen(control, target, query.read(rows));
}

interface Content {
  readonly tables: readonly Table[];
  readonly rows: ReadonlyMap<string, readonly (readonly (Buffer | null)[])[]>;
  readonly shape: readonly string[];
}

/** Compares every row: the cost follows the size of the database. */
async function diffDatabases(
  control: Control,
  names: { readonly was: string; readonly is: string },
): Promise<Diff> {
  const [was, is] = [await readContent(control, names.was), await readContent(control, names.is)];
  const tables = [...new Set([...was.rows.keys(), ...is.rows.keys()])].toSorted();
  const lines = [
    ...without(was.shape, is.shape).map((line) => ({ before: [line] })),
    ...without(is.shape, was.shape).map((line) => ({ after: [line] })),
  ];
  const schema =
    lines.length === 0
      ? []
      : [{ collection: "(schema)", columns: [{ name: "line" }], changes: lines }];
  return [...schema, ...tables.flatMap((name) => diffTable(name, { was, is }))];
}

async function readContent(control: Control, database: string): Promise<Content> {
  const { tables } = await readCatalogue(control, database);
  const rows = new Map<string, readonly (readonly (Buffer | null)[])[]>();
  for (const { name, columns, key } of tables) {
    const list = nameList(columns.map((column) => column.name));
    const order = key.length > 0 ? nameList(key) : list;
    const [read] = await control.client.query({
      sql: `SELECT ${list} FROM ${tableName(database, name)} ORDER BY ${order}`,
      rowsAsArray: true,
      typeCast: asBytes,
    });
    rows.set(name, read as (Buffer | null)[][]);
  }
  return { tables, rows, shape: await readShape(control, database) };
}

function diffTable(
  name: string,
  { was, is }: { readonly was: Content; readonly is: Content },
): Diff {
  const [now, then] = [is, was].map(({ tables }) => tables.find((table) => table.name === name));
  const sides = [now, then].filter((side) => side !== undefined);
  const known = sides.flatMap((table) =>
    describeColumns(table).map((column, i) => ({
      column,
      parse: valueParser(table.columns[i]?.kind ?? ""),
    })),
  );
  const columns = known.filter(
    ({ column }, i) => known.findIndex((other) => other.column.name === column.name) === i,
  );
  const key = (now ?? then)?.key ?? [];
  const before = byKey(then, was.rows.get(name) ?? [], key);
  const after = byKey(now, is.rows.get(name) ?? [], key);
  const read = (row: NamedRow): NonNullable<RowChange["after"]> =>
    columns.map(({ column, parse }) => {
      const bytes = row[column.name] ?? null;
      return bytes === null ? null : parse(bytes);
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

type NamedRow = Readonly<Record<string, Buffer | null>>;

/** Rows by key; equal rows of a table without one are numbered. */
function byKey(
  table: Table | undefined,
  rows: readonly (readonly (Buffer | null)[])[],
  key: readonly string[],
): ReadonlyMap<string, NamedRow> {
  const found = new Map<string, NamedRow>();
  for (const values of rows) {
    const row = Object.fromEntries(
      (table?.columns ?? []).map(({ name }, i) => [name, values[i] ?? null]),
    );
    const text = JSON.stringify(key.length > 0 ? key.map((name) => row[name]) : values);
    let nth = 0;
    while (found.has(`${text}${nth}`)) nth += 1;
    found.set(`${text}${nth}`, row);
  }
  return found;
}
