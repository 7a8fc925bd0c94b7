import type { Random } from "./random.ts";
import type { FuzzSchema, FuzzTable } from "./random-schema.ts";

/** Few values, so that keys clash often; of every type, and some that compare as equal. */
const VALUES = [
  "NULL",
  "-1",
  "0",
  "1",
  "2",
  "3",
  "4",
  "2.0",
  "1.5",
  "'a'",
  "'A'",
  "'b'",
  "'b '",
  "'1'",
  "''",
  "x'00ff'",
  "9007199254740993",
  "1e300",
] as const;

/** A list of statements that one connection runs; each may fail. */
export function randomBatch(random: Random, { tables }: FuzzSchema): readonly string[] {
  const statements = Array.from({ length: 1 + random.below(4) }, () =>
    randomWrite(random, random.pick(tables)),
  );
  if (random.chance(0.3)) {
    return ["BEGIN IMMEDIATE", ...statements, random.chance(0.8) ? "COMMIT" : "ROLLBACK"];
  }
  return statements;
}

function randomWrite(random: Random, table: FuzzTable): string {
  const kind = random.below(9);
  if (kind < 3) return randomInsert(random, table);
  if (kind < 7) return randomUpdate(random, table);
  if (kind < 8)
    return random.chance(0.1) ? `DELETE FROM ${quote(table.name)}` : randomDelete(random, table);
  return random.pick([
    `INSERT INTO both(a) VALUES (${random.pick(VALUES)})`,
    `PRAGMA user_version = ${random.below(3)}`,
    `INSERT OR REPLACE INTO counted (a) VALUES (${random.pick(VALUES)})`,
    "DELETE FROM counted WHERE id = (SELECT max(id) FROM counted)",
  ]);
}

function randomInsert(random: Random, table: FuzzTable): string {
  const some = table.columns.filter(() => random.chance(0.8));
  const columns = some.length === 0 ? [...table.columns] : some;
  if (table.hasRowid && !columns.includes("rowid") && random.chance(0.1)) columns.push("_rowid_");
  const row = (): string => `(${columns.map(() => random.pick(VALUES)).join(", ")})`;
  const upsert = random.chance(0.2) ? ` ON CONFLICT DO UPDATE SET ${randomSet(random, table)}` : "";
  return `INSERT${randomPolicy(random)} INTO ${quote(table.name)} (${columns.map(quote).join(", ")}) VALUES ${row()}, ${row()}${upsert}`;
}

function randomUpdate(random: Random, table: FuzzTable): string {
  const moved = `_rowid_ = ${random.pick(["_rowid_ + 1", "-_rowid_", "3"])}`;
  const set = table.hasRowid && random.chance(0.25) ? moved : randomSet(random, table);
  return `UPDATE${randomPolicy(random)} ${quote(table.name)} SET ${set} WHERE ${randomCondition(random, table)}`;
}

function randomDelete(random: Random, table: FuzzTable): string {
  return `DELETE FROM ${quote(table.name)} WHERE ${randomCondition(random, table)}`;
}

function randomPolicy(random: Random): string {
  return random.pick(["", "", " OR REPLACE", " OR REPLACE", " OR IGNORE", " OR FAIL"]);
}

function randomSet(random: Random, { columns }: FuzzTable): string {
  const value = random.chance(0.3) ? `${quote(random.pick(columns))} + 1` : random.pick(VALUES);
  return `${quote(random.pick(columns))} = ${value}`;
}

function randomCondition(random: Random, { columns }: FuzzTable): string {
  return `${quote(random.pick(columns))} ${random.pick(["=", "IS", ">", "<"])} ${random.pick(VALUES)}`;
}

/** A schema change, now and then. */
export function randomSchemaChange(random: Random, { tables }: FuzzSchema): string {
  const table = random.pick(tables);
  return random.pick([
    `ALTER TABLE ${quote(table.name)} ADD COLUMN extra${random.below(3)} DEFAULT ${random.pick(["1", "'x'"])}`,
    `CREATE INDEX some${random.below(9)} ON ${quote(table.name)} (${quote(table.columns[0])})`,
    `CREATE TABLE IF NOT EXISTS fresh${random.below(3)} (a INTEGER PRIMARY KEY, b UNIQUE)`,
    `DROP TABLE IF EXISTS fresh${random.below(3)}`,
    "DROP TABLE IF EXISTS audit",
    "VACUUM",
    "CREATE TRIGGER IF NOT EXISTS late AFTER INSERT ON keyless BEGIN UPDATE keyless SET b = 'late' WHERE rowid = NEW.rowid; END",
  ]);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
