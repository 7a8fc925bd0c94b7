import Database from "better-sqlite3";

/**
 * Reads a database row for row by means of our own code as little as possible: rowids, storage
 * classes, counters and schema included, what the adapter installed left out.
 *
 * @param of - A file, or a connection whose uncommitted writes shall be seen.
 */
export function createDump(of: string | Database.Database): {
  readonly read: () => Dump;
  readonly close: () => void;
} {
  const db = typeof of === "string" ? new Database(of, { readonly: true }) : of;
  const names = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_explore_*'
       AND (name NOT GLOB 'sqlite_*' OR name = 'sqlite_sequence') ORDER BY name`,
    )
    .pluck();
  const schema = db
    .prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB '_explore_*' ORDER BY 1, 2",
    )
    .raw();
  return {
    read: () =>
      db.transaction(() => {
        const tables = (names.all() as string[]).map((name) => [name, rowsOf(db, name)] as const);
        return {
          tables: Object.fromEntries(tables),
          schema: schema.all().map((row) => JSON.stringify(row)),
          userVersion: db.pragma("user_version", { simple: true }) as number,
        };
      })(),
    close: () => void db.close(),
  };
}

/** A database's content, one text per row. */
export interface Dump {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly schema: readonly string[];
  readonly userVersion: number;
}

function rowsOf(db: Database.Database, name: string): string[] {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const columns = (db.pragma(`table_xinfo(${quoted})`) as { readonly name: string }[]).map(
    (column) => `"${column.name.replaceAll('"', '""')}"`,
  );
  const list = columns.flatMap((column) => [`typeof(${column})`, `quote(${column})`]).join(", ");
  const read = (rowid: string): string[] =>
    db
      .prepare(
        `SELECT ${rowid}${list} FROM ${quoted} ORDER BY ${rowid === "" ? columns.join(", ") : "1"}`,
      )
      .raw()
      .safeIntegers()
      .all()
      .map((row) => (row as unknown[]).join("|"));
  try {
    return read("_rowid_, ");
  } catch {
    return read(""); // WITHOUT ROWID
  }
}
