import { TEST_MARK } from "../test-mark.ts";
import type { Control } from "./control.ts";
import { readRows } from "./driver.ts";

/** Whether the user's own database may be worked in without having been named a test database. */
export async function isUsableGiven({ client }: Control, database: string): Promise<boolean> {
  const rows = await readRows<{ name: string }>(
    client,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?",
    [database],
  );
  return rows.length === 0 || rows.some(({ name }) => name === TEST_MARK);
}
