import { usageError } from "../../errors.ts";

/** What `testDatabase` may be in conflict with. */
export interface TestDatabaseOptions {
  readonly testDatabase: boolean;
  readonly server: unknown;
  readonly schema: unknown;
  readonly migrate: unknown;
  readonly isolation: string;
}

/**
 * Refuses what cannot be had in the user's own database.
 *
 * @param call - As the user writes it, e.g. `mysql()`.
 * @param copying - The isolation that makes the database again, and what that does, e.g. `drops it`.
 */
export function refuseInTestDatabase(
  call: string,
  read: TestDatabaseOptions,
  copying: { readonly isolation: string; readonly does: string },
): void {
  if (!read.testDatabase) return;
  const where = `${call}: testDatabase: true`;
  if (read.server !== undefined) {
    throw usageError(
      where,
      "works in a database that exists, and `server` has a new server started",
      "Remove one of them.",
    );
  }
  const maker = (["schema", "migrate"] as const).find((name) => read[name] !== undefined);
  if (maker !== undefined) {
    throw usageError(
      where,
      `works in a database that has its tables already, and \`${maker}\` would make them`,
      `Remove \`${maker}\`, or remove \`testDatabase\` to have a new database made.`,
    );
  }
  if (read.isolation === copying.isolation) {
    throw usageError(
      where,
      `contradicts isolation: "${copying.isolation}", which ${copying.does}`,
      "Remove `testDatabase`, or choose another `isolation`.",
    );
  }
}
