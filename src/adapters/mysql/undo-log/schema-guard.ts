import { compareLines } from "../../sql/attempt.ts";
import { listOwnTriggers } from "../app-triggers.ts";
import type { Control } from "../control.ts";
import { readRows } from "../driver.ts";
import { countStatements, readShape, readStorage, SCHEMA_STATEMENTS } from "../shape.ts";

/** Notices that the schema is not the one that a log was made for. */
export interface SchemaGuard {
  /** Whether no statement that may have changed it was run. Takes what {@link SCHEMA_STATEMENTS} answered. */
  readonly isSame: (answer: unknown) => boolean;
  /** So many statements of our own come next. */
  readonly expect: (statements: number) => void;
  /** What changed, one line each; empty when nothing did. */
  readonly changes: () => Promise<readonly string[]>;
}

export async function createSchemaGuard(control: Control, database: string): Promise<SchemaGuard> {
  const readLines = async (): Promise<readonly string[]> => [
    ...(await readShape(control, database)),
    ...(await readStorage(control, database)),
    ...(await listOwnTriggers(control, database)).map((name) => `trigger ${name} of the log`),
  ];
  const count = async (): Promise<number> =>
    countStatements(await readRows(control.client, SCHEMA_STATEMENTS));
  // Counted first: what is run in between is looked at again.
  let expected = await count();
  const lines = await readLines();
  return {
    isSame: (answer) => countStatements(answer) === expected,
    expect: (statements) => {
      expected += statements;
    },
    changes: async () => {
      const counted = await count();
      const changes = compareLines(lines, await readLines());
      // Somebody else's, a temporary table's, or one that failed.
      if (changes.length === 0) expected = counted;
      return changes;
    },
  };
}
