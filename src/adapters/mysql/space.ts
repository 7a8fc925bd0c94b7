import type { Table } from "./catalogue.ts";
import { quoteName } from "./quote.ts";

/**
 * Where what we add is kept: in a database of its own beside ours, so that an app that empties or
 * lists all its tables does not meet it; in the user's own database, where no other can be had.
 */
export interface Space {
  readonly database: string;
  /** The database that the triggers are in. */
  readonly of: string;
}

/** What was written since the last verb. Triggers fill it. */
export function freshOf({ database }: Space, { id }: Pick<Table, "id">): string {
  return `${quoteName(database)}.explore_fresh_${id}`;
}

/** What was written before that, by position. */
export function logOf({ database }: Space, { id }: Pick<Table, "id">): string {
  return `${quoteName(database)}.explore_log_${id}`;
}

/** The ways to checkpoints through a table: the rows that are (`had`) or are not there then. */
export function wayOf({ database }: Space, { id }: Pick<Table, "id">): string {
  return `${quoteName(database)}.explore_way_${id}`;
}

/** What the next run needs when this one is killed. */
export function stateOf({ database }: Space): string {
  return `${quoteName(database)}.explore_state`;
}

/** The log's columns that hold the table's columns, or only some of them. */
export function slots(table: Table, names?: readonly string[]): readonly string[] {
  const all = table.columns.map((_, index) => `c${index}`);
  if (names === undefined) return all;
  return names.map((name) => `c${table.columns.findIndex((column) => column.name === name)}`);
}
