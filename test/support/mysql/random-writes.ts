import type { Random } from "../sqlite/random.ts";
import type { FuzzKind, FuzzSchema, FuzzTable } from "./random-schema.ts";

const VALUES: Readonly<Record<FuzzKind, readonly [string, ...string[]]>> = {
  number: ["NULL", "0", "1", "2", "3", "4", "5", "6"],
  text: ["NULL", "''", "'a'", "'A'", "'b'", "'b '", "'1'", "'ä'", "'late'"],
  json: ["NULL", `'{"a":1}'`, `'{"a": 1.0}'`, "'[]'"],
  time: ["NULL", "'2024-01-01'", "NOW(6)", "'2024-10-27 00:30:00.5'"],
  any: ["NULL", "X'00ff'", "X'61'", "''"],
};

/** A list of statements that one connection runs; each may fail. */
export function randomBatch(random: Random, { tables }: FuzzSchema): readonly string[] {
  const statements = Array.from({ length: 1 + random.below(4) }, () =>
    randomWrite(random, random.pick(tables)),
  );
  if (!random.chance(0.5)) return statements;
  const last = random.chance(0.7) ? "COMMIT" : "ROLLBACK";
  if (!random.chance(0.5)) return ["BEGIN", ...statements.slice(0, 1), last];
  return [
    "BEGIN",
    randomWrite(random, random.pick(tables)),
    "SAVEPOINT s",
    ...statements.slice(0, 2),
    random.pick(["ROLLBACK TO s", "RELEASE SAVEPOINT s", "ROLLBACK TO s"]),
    ...statements.slice(2),
    last,
  ];
}

function randomWrite(random: Random, table: FuzzTable): string {
  const kind = random.below(20);
  if (kind < 8) return randomInsert(random, table);
  const ignore = random.chance(0.2) ? "IGNORE " : "";
  if (kind < 14) {
    const order = random.chance(0.3) ? ` ORDER BY 1 ${random.pick(["ASC", "DESC"])}` : "";
    return `UPDATE ${ignore}${table.name} SET ${randomSet(random, table)} WHERE ${randomCondition(random, table)}${order}`;
  }
  if (kind < 18)
    return `DELETE ${ignore}FROM ${table.name} WHERE ${randomCondition(random, table)}`;
  return random.pick([
    "UPDATE counted SET id = id + 100 ORDER BY id DESC",
    "UPDATE `odd ``name` SET `select` = `select` + 1 ORDER BY `select` DESC",
    "UPDATE `odd ``name` SET `select` = 5 - `select`",
    "UPDATE IGNORE `odd ``name` SET `select` = 2",
    "UPDATE item JOIN `odd ``name` AS o ON o.`select` = item.n SET item.line = item.line + 1, o.c0 = 'both'",
    "DELETE item, o FROM item JOIN `odd ``name` AS o ON o.`select` = item.n WHERE item.line = 1",
    "DELETE a, b FROM ring_a AS a JOIN ring_b AS b ON b.a = a.id",
    "UPDATE seen SET n = n + 1",
    "UPDATE folded SET t = LOWER(t)",
    "UPDATE named SET t = LOWER(t)",
    "UPDATE named SET t = CONCAT(t, 'x')",
    "UPDATE tree SET parent = id",
    "INSERT INTO keyless SELECT n, t, NULL FROM hinted",
    "INSERT INTO part SELECT n, line, 1 + line, 0 FROM item",
    "REPLACE INTO typed(id, n, g) VALUES (1, 1, POINT(1, 2)), (2, 1, NULL)",
    "INSERT INTO counted(id, n) VALUES (0, 1)",
    "INSERT INTO ring_a VALUES (1, NULL, 'x'), (2, NULL, 'y')",
    "UPDATE ring_a JOIN ring_b ON ring_b.a = ring_a.id SET ring_a.b = ring_b.id",
  ]);
}

function randomInsert(random: Random, { name, columns, conflict }: FuzzTable): string {
  const some = columns.filter(() => random.chance(0.85));
  const used = some.length === 0 ? columns : some;
  const row = (): string => `(${used.map(([, kind]) => random.pick(VALUES[kind])).join(", ")})`;
  const rows = Array.from({ length: 1 + random.below(3) }, row).join(", ");
  const verb = random.pick(["INSERT", "INSERT", "INSERT", "REPLACE", "INSERT IGNORE"]);
  const upsert =
    verb === "INSERT" && conflict !== undefined && random.chance(0.5)
      ? ` ON DUPLICATE KEY UPDATE ${conflict}`
      : "";
  return `${verb} INTO ${name} (${used.map(([column]) => column).join(", ")}) VALUES ${rows}${upsert}`;
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
  return `${column} ${random.pick(["=", ">", "<", "<>"])} ${random.pick(VALUES[kind])}`;
}
