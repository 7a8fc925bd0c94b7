import type { Diff } from "../adapter.ts";
import type { Content, RawRow, TableContent } from "../sql/content-diff.ts";
import { compareContents } from "../sql/content-diff.ts";
import { newName } from "../sql/database-names.ts";
import type { Mode } from "../mode.ts";
import { untilQuiet } from "../sql/quiescence.ts";
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

/** Compares every row: the cost follows the size of the database. */
async function diffDatabases(
  control: Control,
  { was, is }: { readonly was: string; readonly is: string },
): Promise<Diff> {
  return compareContents(await readContent(control, was), await readContent(control, is));
}

async function readContent(control: Control, database: string): Promise<Content<Buffer>> {
  const tables = new Map<string, TableContent<Buffer>>();
  for (const table of (await readCatalogue(control, database)).tables) {
    const { name, columns, key } = table;
    const list = nameList(columns.map((column) => column.name));
    const order = key.length > 0 ? nameList(key) : list;
    const [rows] = await control.client.query({
      sql: `SELECT ${list} FROM ${tableName(database, name)} ORDER BY ${order}`,
      typeCast: asBytes,
    });
    tables.set(name, {
      columns: describeColumns(table).map((column, i) => ({
        column,
        parse: valueParser(columns[i]?.kind ?? ""),
      })),
      key,
      rows: rows as RawRow<Buffer>[],
    });
  }
  return { tables, shape: await readShape(control, database) };
}
