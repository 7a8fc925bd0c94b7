import type { SqliteConnection } from "./driver.ts";

/** The numbers in a file's header that are the app's to set. */
export interface Header {
  /** `PRAGMA user_version`. */
  readonly userVersion: number;
  /** `PRAGMA application_id`. */
  readonly applicationId: number;
}

/** What a database holds beside the rows of its tables and the schema. */
export interface Counters extends Header {
  /** The rows of `sqlite_sequence`: table and highest rowid ever used. */
  readonly sequence: readonly (readonly unknown[])[];
}

/** Reads and writes counters; `write` must be called inside a transaction. */
export interface CounterAccess {
  readonly read: () => Counters;
  readonly write: (counters: Counters) => void;
}

/** @param hasSequence - Whether the schema has a `sqlite_sequence`. */
export function counterAccess(connection: SqliteConnection, hasSequence: boolean): CounterAccess {
  const table = hasSequence ? sequenceTable(connection) : undefined;
  const header = headerReader(connection);
  const read = (): Counters => ({ sequence: table?.read() ?? [], ...header() });

  return {
    read,
    write: (wanted) => {
      const now = read();
      if (!sameSequence(now, wanted)) table?.write(wanted.sequence);
      if (now.userVersion !== wanted.userVersion) {
        connection.pragma(`main.user_version = ${wanted.userVersion}`);
      }
      if (now.applicationId !== wanted.applicationId) {
        connection.pragma(`main.application_id = ${wanted.applicationId}`);
      }
    },
  };
}

const headers = new WeakMap<SqliteConnection, () => Header>();

/** Reads the header; prepared once per connection, since every difference asks for it. */
export function headerReader(connection: SqliteConnection): () => Header {
  const known = headers.get(connection);
  if (known !== undefined) return known;
  const userVersion = connection.prepare("PRAGMA main.user_version").pluck();
  const applicationId = connection.prepare("PRAGMA main.application_id").pluck();
  const read = (): Header => ({
    userVersion: userVersion.get() as number,
    applicationId: applicationId.get() as number,
  });
  headers.set(connection, read);
  return read;
}

interface SequenceTable {
  readonly read: () => Counters["sequence"];
  readonly write: (rows: Counters["sequence"]) => void;
}

function sequenceTable(connection: SqliteConnection): SequenceTable {
  const read = connection
    .prepare("SELECT name, seq FROM main.sqlite_sequence ORDER BY rowid")
    .raw()
    .safeIntegers();
  const clear = connection.prepare("DELETE FROM main.sqlite_sequence");
  const insert = connection.prepare("INSERT INTO main.sqlite_sequence(name, seq) VALUES (?, ?)");
  return {
    read: () => read.all() as unknown[][],
    write: (rows) => {
      clear.run();
      for (const row of rows) insert.run(...row);
    },
  };
}

function sameSequence(a: Counters, b: Counters): boolean {
  return (
    a.sequence.length === b.sequence.length &&
    a.sequence.every((row, i) => row.every((value, j) => value === b.sequence[i]?.[j]))
  );
}
