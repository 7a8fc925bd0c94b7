import type { Control } from "./control.ts";
import { queryAll, readRows } from "./driver.ts";
import { isOurs, tableName } from "./catalogue.ts";
import { quoteName } from "./quote.ts";

/** Drops everything in a database and leaves the database itself, so that connections stay in it. */
export async function emptyDatabase({ client }: Control, database: string): Promise<void> {
  const tables = await readRows<{ name: string; kind: string }>(
    client,
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?",
    [database],
  );
  const routines = await readRows<{ name: string; kind: string }>(
    client,
    "SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS kind FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?",
    [database],
  );
  const kinds: Readonly<Record<string, string>> = { VIEW: "VIEW", SEQUENCE: "SEQUENCE" };
  await queryAll(client, [
    "SET foreign_key_checks = 0",
    ...tables
      .filter(({ name }) => !isOurs(name))
      .map(({ name, kind }) => `DROP ${kinds[kind] ?? "TABLE"} ${tableName(database, name)}`),
    ...routines.map(({ name, kind }) => `DROP ${kind} ${quoteName(database)}.${quoteName(name)}`),
  ]);
}
