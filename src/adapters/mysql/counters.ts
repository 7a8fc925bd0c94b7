import type { Catalogue } from "./catalogue.ts";
import { tableName } from "./catalogue.ts";
import type { Statement } from "./undo-log/restore-sql.ts";

/** The next `AUTO_INCREMENT` values, by the table's name. Numbers as texts: they have 64 bits. */
export type Counters = Readonly<Record<string, string>>;

/** Queries of the counters of a database, and what to do about them. */
export interface CounterSql {
  /** To be run at once; each answers one row. */
  readonly read: readonly Statement[];
  readonly parse: (answers: readonly unknown[]) => Counters;
  /** What puts counters back that are not as they are wanted. */
  readonly write: (now: Counters, wanted: Counters) => readonly string[];
}

/** Writes the queries of the tables that have a counter. */
export function counterSql(database: string, { tables }: Pick<Catalogue, "tables">): CounterSql {
  const counted = tables.filter(({ columns }) => columns.some(({ isCounted }) => isCounted));
  return {
    // The other places that tell it are caches, or are not there for every user.
    read: counted.map(({ name }) => ({
      sql: `SHOW CREATE TABLE ${tableName(database, name)}`,
      isPlain: true,
    })),
    parse: (answers) =>
      Object.fromEntries(
        counted.map(({ name }, i) => {
          const [row] = answers[i] as readonly Record<string, string>[];
          const [, next = "1"] = / AUTO_INCREMENT=(\d+)/.exec(optionsOf(row)) ?? [];
          return [name, next];
        }),
      ),
    write: (now, wanted) =>
      counted
        .filter(({ name }) => wanted[name] !== undefined && wanted[name] !== now[name])
        .map(
          ({ name }) => `ALTER TABLE ${tableName(database, name)} AUTO_INCREMENT = ${wanted[name]}`,
        ),
  };
}

/** What follows the columns; a comment of a column may say anything. */
function optionsOf(row: Record<string, string> | undefined): string {
  const text = row?.["Create Table"] ?? "";
  return text.slice(text.lastIndexOf("\n) "));
}
