import type { Random } from "../sqlite/random.ts";

/** Values that a column takes. */
export type FuzzKind = "number" | "text" | "json" | "time" | "any";

/** A table that random statements are written for. */
export interface FuzzTable {
  readonly name: string;
  /** Columns that may be written, with the kind of values they take. */
  readonly columns: readonly (readonly [name: string, kind: FuzzKind])[];
  /** What may follow an `INSERT`. */
  readonly conflict: string | undefined;
}

/** Tables, and the SQL that makes them. */
export interface FuzzSchema {
  readonly sql: string;
  readonly tables: readonly [FuzzTable, ...FuzzTable[]];
}

/** Every kind of table, key and column that a restore could get wrong, with random foreign keys. */
export function randomSchema(random: Random): FuzzSchema {
  const onDelete = (): string => random.pick(["CASCADE", "SET NULL", "RESTRICT", "CASCADE"]);
  const onUpdate = (): string => random.pick(["CASCADE", "SET NULL", "RESTRICT", "CASCADE"]);
  const rules = (): string => `ON DELETE ${onDelete()} ON UPDATE ${onUpdate()}`;
  // A column of a key cannot be null.
  const keyRules = (): string =>
    `ON DELETE ${random.pick(["CASCADE", "RESTRICT"])} ON UPDATE CASCADE`;
  const triggers = TRIGGERS.filter(() => random.chance(0.6));
  return {
    sql: `
      CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY, n INT, t VARCHAR(20), made INT AS (n * 2) STORED, seen INT AS (n + 1) VIRTUAL, KEY (seen));
      CREATE TABLE typed (id BIGINT UNSIGNED PRIMARY KEY, n INT UNIQUE, d DECIMAL(20, 6), f FLOAT, e ENUM('a', 'b', '1'), s SET('a', 'b'), b BIT(5),
        j JSON, raw VARBINARY(20), at TIMESTAMP(6) NULL, day DATE, g POINT, t TEXT);
      CREATE TABLE pair (n INT, t VARCHAR(10), v INT, PRIMARY KEY (n, t)) COLLATE utf8mb4_general_ci;
      CREATE TABLE \`odd \`\`name\` (\`select\` INT PRIMARY KEY, c0 VARCHAR(10), at INT, had INT, seq INT);
      CREATE TABLE folded (t VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT) COLLATE utf8mb4_general_ci;
      CREATE TABLE latin (t VARCHAR(10) PRIMARY KEY, n INT) CHARACTER SET latin1 COLLATE latin1_swedish_ci;
      CREATE TABLE keyless (n INT, t VARCHAR(10), j JSON);
      CREATE TABLE nullable (n INT UNIQUE, t VARCHAR(10));
      CREATE TABLE hinted (n INT NOT NULL, t VARCHAR(10) NOT NULL, v INT, UNIQUE (t, n));
      CREATE TABLE tree (id INT PRIMARY KEY, parent INT, t VARCHAR(10), FOREIGN KEY (parent) REFERENCES tree(id) ${rules()});
      CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, n INT, t VARCHAR(10), FOREIGN KEY (n) REFERENCES \`odd \`\`name\`(\`select\`) ${rules()});
      CREATE TABLE item (n INT, line INT, t VARCHAR(10), PRIMARY KEY (n, line), FOREIGN KEY (n) REFERENCES \`odd \`\`name\`(\`select\`) ${keyRules()});
      CREATE TABLE part (n INT, line INT, nr INT, v INT, PRIMARY KEY (nr, n, line), FOREIGN KEY (n, line) REFERENCES item(n, line) ${keyRules()});
      CREATE TABLE loose (n INT, line INT, v INT, FOREIGN KEY (n, line) REFERENCES item(n, line) ${rules()}, FOREIGN KEY (v) REFERENCES tree(id) ${rules()});
      CREATE TABLE ring_a (id INT PRIMARY KEY, b INT, t VARCHAR(10));
      CREATE TABLE ring_b (id INT PRIMARY KEY, a INT, t VARCHAR(10), FOREIGN KEY (a) REFERENCES ring_a(id) ${rules()});
      ALTER TABLE ring_a ADD FOREIGN KEY (b) REFERENCES ring_b(id) ${rules()};
      CREATE TABLE named (t VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT) COLLATE utf8mb4_general_ci;
      CREATE TABLE tag (id INT PRIMARY KEY, t VARCHAR(10) COLLATE utf8mb4_general_ci, FOREIGN KEY (t) REFERENCES named(t) ${rules()}) COLLATE utf8mb4_general_ci;
      CREATE TABLE parts (n INT NOT NULL, t VARCHAR(10) NOT NULL, v INT, PRIMARY KEY (n, t)) PARTITION BY RANGE (n) (PARTITION low VALUES LESS THAN (2), PARTITION high VALUES LESS THAN MAXVALUE);
      CREATE TABLE plain (id INT AUTO_INCREMENT PRIMARY KEY, n INT, t VARCHAR(10)) ENGINE = MyISAM;
      CREATE TABLE heap (n INT, t VARCHAR(10)) ENGINE = MEMORY;
      CREATE TABLE audit (id BIGINT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40), at DATETIME(6) DEFAULT NOW(6));
      CREATE VIEW seen AS SELECT id, n FROM counted WHERE n > 1;
      ${triggers.join("\n;\n")}`,
    tables: [
      table("counted", "n:number t:text", "n = VALUES(n) + 1"),
      table(
        "typed",
        "id:number n:number d:number f:number e:text s:text b:number j:json raw:any at:time day:time t:text",
        "d = d + 0.5, n = 7",
      ),
      table("pair", "n:number t:text v:number", "v = 9, t = UPPER(t)"),
      table("`odd ``name`", "`select`:number c0:text at:number had:number", "c0 = 'again'"),
      table("folded", "t:text n:number", "t = UPPER(t), n = 7"),
      table("latin", "t:text n:number", "n = 7"),
      table("keyless", "n:number t:text j:json", undefined),
      table("nullable", "n:number t:text", "t = 'again'"),
      table("hinted", "n:number t:text v:number", "v = 9"),
      table("tree", "id:number parent:number t:text", "t = 'seen'"),
      table("child", "n:number t:text", undefined),
      table("item", "n:number line:number t:text", "t = 'again'"),
      table("part", "n:number line:number nr:number v:number", "v = 5"),
      table("loose", "n:number line:number v:number", undefined),
      table("ring_a", "id:number b:number t:text", "t = 'seen'"),
      table("ring_b", "id:number a:number t:text", "t = 'seen'"),
      table("named", "t:text v:number", "t = UPPER(t)"),
      table("tag", "id:number t:text", "t = 'a'"),
      table("parts", "n:number t:text v:number", "v = 3, n = 4"),
      table("plain", "n:number t:text", "n = 4"),
      table("heap", "n:number t:text", undefined),
    ],
  };
}

function table(name: string, columns: string, conflict: string | undefined): FuzzTable {
  return {
    name,
    columns: columns.split(" ").map((column) => {
      const [before = "", kind = "text"] = column.split(":");
      return [before, kind as FuzzKind];
    }),
    conflict,
  };
}

/** What apps do in triggers; each alone would be undone wrongly if it fired again. */
const TRIGGERS = [
  "CREATE TRIGGER t1 BEFORE INSERT ON counted FOR EACH ROW SET NEW.t = CONCAT(COALESCE(NEW.t, ''), '!')",
  "CREATE TRIGGER t2 AFTER UPDATE ON typed FOR EACH ROW INSERT INTO audit(what) VALUES (CONCAT('typed ', NEW.id))",
  "CREATE TRIGGER t3 AFTER DELETE ON hinted FOR EACH ROW INSERT IGNORE INTO pair VALUES (OLD.n, OLD.t, 5)",
  "CREATE TRIGGER t4 BEFORE UPDATE ON tree FOR EACH ROW SET NEW.t = 'touched'",
  "CREATE TRIGGER t5 AFTER INSERT ON parts FOR EACH ROW DELETE FROM `odd ``name` WHERE `select` = NEW.n",
  "CREATE TRIGGER t6 BEFORE DELETE ON item FOR EACH ROW label: BEGIN IF OLD.line = 1 THEN LEAVE label; END IF; UPDATE folded SET n = n + 1; END",
  "CREATE TRIGGER t7 AFTER INSERT ON keyless FOR EACH ROW UPDATE child SET t = NEW.t WHERE n = NEW.n -- the last",
  "CREATE TRIGGER t8 BEFORE UPDATE ON `odd ``name` FOR EACH ROW SET NEW.`select` = IF(NEW.`select` = 5, 6, NEW.`select`)",
  "CREATE TRIGGER t9 AFTER DELETE ON tree FOR EACH ROW INSERT INTO audit(what) VALUES (OLD.id)",
  "CREATE TRIGGER t10 BEFORE UPDATE ON named FOR EACH ROW SET NEW.v = 1; CREATE TRIGGER t11 BEFORE UPDATE ON named FOR EACH ROW PRECEDES t10 SET NEW.v = NEW.v + 1",
] as const;
