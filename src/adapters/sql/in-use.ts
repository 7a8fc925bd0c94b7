import { ExploreError } from "../../errors.ts";

/** A test database has one user at a time, since each rolls back what all have written. */
export function inUse({
  system,
  database,
}: {
  readonly system: string;
  readonly database: string;
}): ExploreError {
  return new ExploreError(
    "EXPLORE_DATABASE_LOCKED",
    `${system}: another run, or another test file or \`createTest\` of this one, works in the test database.\n  database: ${database}\n` +
      "Wait until it has ended, keep Vitest to one file at a time (`fileParallelism: false`) with one `createTest` each, or remove `testDatabase`: then everybody works in a database of their own.",
    { details: { system, database } },
  );
}
