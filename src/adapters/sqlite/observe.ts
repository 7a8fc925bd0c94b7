import { createHash } from "node:crypto";
import type { Observation } from "../adapter.ts";
import { encodeValues } from "../sql/rows.ts";
import { readCatalogue, schemaRows } from "./catalogue.ts";
import { counterAccess } from "./counters.ts";
import type { SqliteConnection } from "./driver.ts";
import { readRows } from "./tables.ts";

/** Rows whose texts are given to the hash at once. */
const ROWS_PER_UPDATE = 500;

/**
 * Reads the whole content, rowids and counters included, without a look at the log. Must be called
 * inside a transaction.
 *
 * @param onText - Called with every text in a row.
 */
export function observeDatabase(
  connection: SqliteConnection,
  onText?: (text: string) => void,
): Observation {
  const { tables, hasSequence } = readCatalogue(connection);
  const { sequence, userVersion, applicationId } = counterAccess(connection, hasSequence).read();
  const observed = tables.map((table) => {
    const rows = readRows(connection, table);
    return [
      table.name,
      digest(
        mapRows(rows, ({ rowid, values }) => {
          if (onText !== undefined) tellTexts(values, onText);
          return encodeValues([rowid, ...values]);
        }),
      ),
    ] as const;
  });
  return {
    ...Object.fromEntries(observed),
    sqlite_sequence: digest(sequence.map((row) => row.join(":"))),
    sqlite_schema: digest(schemaRows(connection).map((row) => JSON.stringify(row))),
    "PRAGMA user_version": digest([String(userVersion)]),
    "PRAGMA application_id": digest([String(applicationId)]),
  };
}

function tellTexts(values: readonly unknown[], onText: (text: string) => void): void {
  for (const value of values) if (typeof value === "string") onText(value);
}

function* mapRows<T>(rows: Iterable<T>, write: (row: T) => string): Generator<string> {
  for (const row of rows) yield write(row);
}

function digest(lines: Iterable<string>): { readonly size: number; readonly digest: string } {
  const hash = createHash("sha256");
  let size = 0;
  let pending: string[] = [];
  for (const line of lines) {
    size += 1;
    pending.push(line);
    if (pending.length < ROWS_PER_UPDATE) continue;
    hash.update(`${pending.join("\n")}\n`);
    pending = [];
  }
  return { size, digest: hash.update(pending.join("\n")).digest("base64") };
}
