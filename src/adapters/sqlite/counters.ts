import type { SqliteConnection } from "./driver.ts";

/** What a database holds beside the rows of its tables and the schema. */
export interface Counters {
  /** The rows of `sqlite_sequence`: table and highest rowid ever used. */
  readonly sequence: readonly (readonly unknown[])[];
  /** `PRAGMA user_version`. */
  readonly userVersion: number;
  /** `PRAGMA application_id`. */
  readonly applicationId: number;
}

/** Reads and writes counters; `write` must be called inside a transaction. */
export interface CounterAccess {
  readonly read: () => Counters;
  readonly write: (counters: Counters) => void;
}

/** @param hasSequence - Whether the schema has a `sqlite_sequence`. */
export function counterAccess(connection: SqliteConnection, hasSequence: boolean): CounterAccess {
  const sequence = hasSequence
    ? connection
        .prepare("SELECT name, seq FROM main.sqlite_sequence ORDER BY rowid")
        .raw()
        .safeIntegers()
    : undefined;
  const userVersion = connection.prepare("PRAGMA main.user_version").pluck();
  const applicationId = connection.prepare("PRAGMA main.application_id").pluck();

  const read = (): Counters => ({
    sequence: (sequence?.all() ?? []) as readonly (readonly unknown[])[],
    userVersion: userVersion.get() as number,
    applicationId: applicationId.get() as number,
  });

  return {
    read,
    write: (wanted) => {
      const now = read();
      if (!sameSequence(now, wanted)) {
        connection.exec("DELETE FROM main.sqlite_sequence");
        const insert = connection.prepare(
          "INSERT INTO main.sqlite_sequence(name, seq) VALUES (?, ?)",
        );
        for (const row of wanted.sequence) insert.run(...row);
      }
      if (now.userVersion !== wanted.userVersion) {
        connection.pragma(`main.user_version = ${wanted.userVersion}`);
      }
      if (now.applicationId !== wanted.applicationId) {
        connection.pragma(`main.application_id = ${wanted.applicationId}`);
      }
    },
  };
}

function sameSequence(a: Counters, b: Counters): boolean {
  return (
    a.sequence.length === b.sequence.length &&
    a.sequence.every((row, i) => row.every((value, j) => value === b.sequence[i]?.[j]))
  );
}
