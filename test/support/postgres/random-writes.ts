import type { Random } from "../sqlite/random.ts";
import type { FuzzSchema, FuzzTable } from "./random-schema.ts";

const VALUES = {
  number: ["NULL", "0", "1", "2", "3", "4", "5", "6"],
  text: ["NULL", "''", "'a'", "'A'", "'b'", "'b '", "'1'", "'late'"],
  json: ["NULL", `'{"a":1}'`, `'{"a": 1}'`, "'[]'"],
  time: ["NULL", "'2024-01-01'", "clock_timestamp()", "'infinity'"],
} as const;

/** A list of statements that one connection runs; each may fail. */
export function randomBatch(random: Random, { tables }: FuzzSchema): readonly string[] {
  const statements = Array.from({ length: 1 + random.below(4) }, () =>
    randomWrite(random, random.pick(tables)),
  );
  if (!random.chance(0.5)) return statements;
  const last = random.chance(0.7) ? "COMMIT" : "ROLLBACK";
  if (!random.chance(0.5)) return ["BEGIN", ...statements.slice(0, 1), last];
  const inner = statements.slice(0, 2);
  return [
    random.pick(["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"]),
    randomWrite(random, random.pick(tables)),
    "SAVEPOINT s",
    ...inner,
    random.pick(["ROLLBACK TO s", "RELEASE s", "ROLLBACK TO s"]),
    ...statements.slice(2),
    last,
  ];
}

/** A schema change that one connection makes; it may fail. */
export function randomSchemaChange(random: Random): string {
  return random.pick([
    `CREATE TABLE late (a int PRIMARY KEY, b text); INSERT INTO late VALUES (1, 'x'), (2, 'y')`,
    "DROP TABLE late",
    "ALTER TABLE counted ADD COLUMN more int DEFAULT 7",
    "ALTER TABLE counted DROP COLUMN more",
    "ALTER TABLE hinted DISABLE TRIGGER ALL; UPDATE hinted SET v = 9; ALTER TABLE hinted ENABLE TRIGGER ALL",
    "ALTER TABLE keyless ALTER t TYPE text USING t || '+'",
    "TRUNCATE folded; ALTER TABLE folded ADD CHECK (n <> 5)",
  ]);
}

function randomWrite(random: Random, table: FuzzTable): string {
  const kind = random.below(20);
  if (kind < 8) return randomInsert(random, table);
  if (kind < 14) {
    return `UPDATE ${only(random)}${table.name} SET ${randomSet(random, table)} WHERE ${randomCondition(random, table)}`;
  }
  if (kind < 18) {
    return `DELETE FROM ${only(random)}${table.name} WHERE ${randomCondition(random, table)}`;
  }
  return random.pick([
    `TRUNCATE ${table.name} ${random.pick(["CASCADE", "", "RESTART IDENTITY CASCADE"])}`,
    "MERGE INTO hinted USING (VALUES (1, 'a'), (2, 'b')) AS s(n, t) ON hinted.n = s.n AND hinted.t = s.t WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.n, s.t, 0)",
    "UPDATE counted SET id = id + 1",
    'UPDATE "odd ""name" SET "select" = 5 - "select"',
    "WITH gone AS (DELETE FROM parts RETURNING *) INSERT INTO parts SELECT n, t, v + 1 FROM gone",
    "SELECT setval('counted_id_seq', 3), nextval('audit_id_seq')",
    "UPDATE folded SET t = lower(t::text)",
    "INSERT INTO shop.pair SELECT n, t, 99 FROM shop.pair; DELETE FROM shop.pair WHERE v = 99",
    "CREATE TEMP TABLE IF NOT EXISTS scratch (a int)",
    "INSERT INTO keyless SELECT 1, 'a', NULL FROM generate_series(1, 3)",
  ]);
}

function only(random: Random): string {
  return random.chance(0.1) ? "ONLY " : "";
}

function randomInsert(random: Random, { name, columns, conflict }: FuzzTable): string {
  const some = columns.filter(() => random.chance(0.85));
  const used = some.length === 0 ? columns : some;
  const row = (): string => `(${used.map(([, kind]) => random.pick(VALUES[kind])).join(", ")})`;
  const rows = Array.from({ length: 1 + random.below(3) }, row).join(", ");
  const upsert =
    conflict !== undefined && random.chance(0.5)
      ? ` ON CONFLICT ${conflict}`
      : random.chance(0.3)
        ? " ON CONFLICT DO NOTHING"
        : "";
  return `INSERT INTO ${name} (${used.map(([column]) => column).join(", ")}) VALUES ${rows}${upsert}`;
}

function randomSet(random: Random, { columns }: FuzzTable): string {
  const [column, kind] = random.pick(columns as [FuzzTable["columns"][0]]);
  const value =
    kind === "number" && random.chance(0.4) ? `${column} + 1` : random.pick(VALUES[kind]);
  return `${column} = ${value}`;
}

function randomCondition(random: Random, { columns }: FuzzTable): string {
  const [column, kind] = random.pick(columns as [FuzzTable["columns"][0]]);
  if (kind === "json") return "true";
  return `${column} ${random.pick(["=", ">", "<", "IS DISTINCT FROM"])} ${random.pick(VALUES[kind])}`;
}
