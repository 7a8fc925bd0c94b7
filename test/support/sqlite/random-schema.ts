import type { Random } from "./random.ts";

/** A table and what a writer may do to it. */
export interface FuzzTable {
  readonly name: string;
  readonly columns: readonly [string, ...string[]];
  readonly hasRowid: boolean;
}

/** A schema and the tables that are written to. */
export interface FuzzSchema {
  readonly sql: string;
  readonly tables: readonly [FuzzTable, ...FuzzTable[]];
}

/** Makes a schema with every kind of table, in random varieties. */
export function randomSchema(random: Random): FuzzSchema {
  const collate = (): string => random.pick(["", " COLLATE NOCASE", " COLLATE RTRIM"]);
  const onDelete = (): string =>
    ` ON DELETE ${random.pick(["CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION"])}`;
  const onUpdate = (): string => ` ON UPDATE ${random.pick(["CASCADE", "SET NULL", "NO ACTION"])}`;
  const tables: FuzzTable[] = [];
  const statements: string[] = [];

  function add(name: string, columns: readonly [string, ...string[]], sql: string): void {
    tables.push({ name, columns, hasRowid: !/WITHOUT ROWID/.test(sql) });
    statements.push(sql);
  }

  add(
    "counted",
    ["id", "a", "b"],
    `CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT${collate()} UNIQUE, b)`,
  );
  add(
    "aliased",
    ["id", "a", "b", "c"],
    `CREATE TABLE aliased (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'a', b INTEGER, c REAL, UNIQUE (a, b))`,
  );
  statements.push(
    `CREATE UNIQUE INDEX aliased_part ON aliased (b${collate()}) WHERE c > 1 AND a <> ')'`,
  );
  add("keyless", ["a", "b"], "CREATE TABLE keyless (a, b BLOB)");
  if (random.chance(0.5))
    statements.push(`CREATE UNIQUE INDEX keyless_a ON keyless (a${collate()})`);
  add(
    "named",
    ["rowid", "a"],
    `CREATE TABLE named (rowid TEXT${collate()} PRIMARY KEY, a NUMERIC)`,
  );
  add(
    "pair",
    ["a", "b", "c"],
    `CREATE TABLE pair (a TEXT${collate()} NOT NULL DEFAULT 'x', b, c, PRIMARY KEY (b ${random.pick(["ASC", "DESC"])}, a)) WITHOUT ROWID`,
  );
  add(
    "single",
    ["k", "v"],
    `CREATE TABLE single (k${collate()} PRIMARY KEY, v INTEGER UNIQUE) WITHOUT ROWID`,
  );
  add(
    "made",
    ["a", "b"],
    `CREATE TABLE made (a INTEGER, g GENERATED ALWAYS AS (a * 2) ${random.pick(["VIRTUAL", "STORED"])} ${random.pick(["", "UNIQUE"])}, b TEXT, h AS (b || '!'))`,
  );
  add(
    "strict",
    ["id", "n", "t"],
    "CREATE TABLE strict (id INTEGER PRIMARY KEY, n REAL, t TEXT UNIQUE) STRICT",
  );
  add(
    "tree",
    ["id", "parent", "v"],
    `CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER DEFAULT 1 REFERENCES tree (id)${onDelete()}${onUpdate()}, v)`,
  );
  add(
    "child",
    ["id", "owner", "tag"],
    `CREATE TABLE child (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES aliased${onDelete()}${onUpdate()}, tag TEXT REFERENCES counted (a) ON UPDATE CASCADE ON DELETE SET NULL)`,
  );
  add(
    'odd "name',
    ["select", "a b"],
    `CREATE TABLE "odd ""name" ("select" INTEGER PRIMARY KEY DESC, "a b" TEXT UNIQUE)`,
  );
  add("audit", ["what", "key"], "CREATE TABLE audit (what, key)");
  statements.push("CREATE VIEW both AS SELECT a FROM counted UNION ALL SELECT a FROM aliased");
  for (const trigger of TRIGGERS) if (random.chance(0.4)) statements.push(trigger);
  return { sql: statements.join(";\n"), tables: tables as [FuzzTable, ...FuzzTable[]] };
}

/** What apps do in triggers, also to the very row that fired them. */
const TRIGGERS = [
  "CREATE TRIGGER t1 AFTER INSERT ON counted BEGIN UPDATE counted SET b = coalesce(b, 0) + 1 WHERE id = NEW.id; END",
  "CREATE TRIGGER t2 AFTER UPDATE ON aliased BEGIN INSERT INTO audit VALUES ('aliased', NEW.id); END",
  "CREATE TRIGGER t3 BEFORE DELETE ON tree BEGIN UPDATE tree SET v = 'orphan' WHERE parent = OLD.id; END",
  "CREATE TRIGGER t4 AFTER DELETE ON single BEGIN INSERT OR IGNORE INTO single VALUES (OLD.k, -7); END",
  "CREATE TRIGGER t5 AFTER INSERT ON keyless WHEN NEW.a = 1 BEGIN DELETE FROM keyless WHERE a = 2; END",
  "CREATE TRIGGER t6 BEFORE INSERT ON pair BEGIN DELETE FROM pair WHERE c = NEW.c; END",
  "CREATE TRIGGER t7 AFTER UPDATE OF a ON made BEGIN UPDATE made SET b = 'seen' WHERE a = NEW.a; END",
  "CREATE TRIGGER t8 BEFORE UPDATE ON counted WHEN NEW.b = 3 BEGIN SELECT RAISE(IGNORE); END",
  "CREATE TRIGGER t9 INSTEAD OF INSERT ON both BEGIN INSERT INTO counted(a) VALUES (NEW.a); END",
  "CREATE TRIGGER t10 AFTER INSERT ON strict BEGIN UPDATE strict SET id = id + 100 WHERE id = NEW.id AND id < 3; END",
  "CREATE TRIGGER t11 AFTER DELETE ON aliased BEGIN DELETE FROM audit WHERE key = OLD.id; END",
] as const;
