import { show, usageError } from "../../errors.ts";
import type { Value } from "../adapter.ts";

/** A row: plain data by column name. */
export type MockRow = Readonly<Record<string, Value>>;

/** Rows by collection. Never changed in place: every write makes new ones for what it touches. */
export type Tables = ReadonlyMap<string, readonly MockRow[]>;

/** The same collections without rows. */
export function emptyTables(tables: Tables): Tables {
  return new Map([...tables.keys()].map((collection) => [collection, []]));
}

/**
 * Copies a row deeply and freezes the copy, so that nobody can change what a checkpoint holds.
 *
 * @param where - Names the row in the refusal.
 * @throws ExploreError `EXPLORE_USAGE` when it is not an object of plain data.
 */
export function readonlyRow(row: unknown, where = "mock: a row"): MockRow {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw usageError(where, `must be an object, got ${show(row)}`, "Give a value per column.");
  }
  try {
    return freeze(structuredClone(row)) as MockRow;
  } catch {
    throw usageError(
      where,
      `holds something that cannot be copied: ${show(row)}`,
      "Rows are plain data: no functions, no live objects.",
    );
  }
}

function freeze(value: unknown): unknown {
  // Bytes cannot be frozen; the copy at least is ours alone.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
