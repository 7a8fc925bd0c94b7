import type { Control } from "./control.ts";
import { readRows } from "./driver.ts";

/** A table of this name says that what is in a database may be written to. */
const MARKER = "explore_test_database";

/** Whether the user's own database may be worked in without having been named a test database. */
export async function isUsableGiven({ client }: Control, database: string): Promise<boolean> {
  const rows = await readRows<{ name: string }>(
    client,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?",
    [database],
  );
  return rows.length === 0 || rows.some(({ name }) => name === MARKER);
}
