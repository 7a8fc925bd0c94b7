import type { Random } from "../sqlite/random.ts";

/** A table that random statements are written for. */
export interface FuzzTable {
  readonly name: string;
  /** Columns that may be written, with the kind of values they take. */
  readonly columns: readonly (readonly [name: string, kind: "number" | "text" | "json" | "time"])[];
  /** What else may follow an `INSERT`. */
  readonly conflict: string | undefined;
}

/** Tables, and the SQL that makes them. */
export interface FuzzSchema {
  readonly sql: string;
  readonly tables: readonly [FuzzTable, ...FuzzTable[]];
}

/** Every kind of table, key and column that a restore could get wrong, with random foreign keys. */
export function randomSchema(random: Random): FuzzSchema {
  const onDelete = (): string => random.pick(["CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"]);
  const onUpdate = (): string => random.pick(["CASCADE", "SET NULL", "NO ACTION"]);
  const deferrable = (): string => random.pick(["", " DEFERRABLE INITIALLY DEFERRED"]);
  const always = random.pick(["ALWAYS", "BY DEFAULT"]);
  const triggers = TRIGGERS.filter(() => random.chance(0.6));
  return {
    sql: `
      CREATE SCHEMA shop; CREATE EXTENSION IF NOT EXISTS citext;
      CREATE TYPE mood AS ENUM ('a', 'b', '1'); CREATE DOMAIN filled AS text NOT NULL CHECK (value <> 'never');
      CREATE TABLE counted (id serial PRIMARY KEY, n int, t text, made int GENERATED ALWAYS AS (n * 2) STORED);
      CREATE TABLE made (id int GENERATED ${always} AS IDENTITY PRIMARY KEY, n int UNIQUE${deferrable()}, t filled DEFAULT 'x', j json);
      CREATE TABLE shop.pair (n int, t text, v numeric, at timestamptz, PRIMARY KEY (n, t)${deferrable()});
      CREATE TABLE "odd ""name" ("select" int PRIMARY KEY, "c0" text, "at" int, "had" int, "node" int);
      CREATE TABLE folded (t citext PRIMARY KEY, n int);
      CREATE TABLE keyless (n int, t text, j json);
      CREATE TABLE nullable (n int UNIQUE, t text);
      CREATE TABLE hinted (n int NOT NULL, t text NOT NULL, v int, UNIQUE (t, n));
      CREATE TABLE tree (id int PRIMARY KEY, parent int DEFAULT 1 REFERENCES tree ON DELETE ${onDelete()} ON UPDATE ${onUpdate()}${deferrable()}, t text);
      CREATE TABLE child (id serial PRIMARY KEY, n int DEFAULT 1 REFERENCES "odd ""name" ON DELETE ${onDelete()} ON UPDATE ${onUpdate()}${deferrable()}, t text);
      CREATE TABLE parts (n int, t text, v int, PRIMARY KEY (n, t)) PARTITION BY RANGE (n);
      CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (2);
      CREATE TABLE parts_high (v int, gone int, t text NOT NULL, n int NOT NULL); ALTER TABLE parts_high DROP COLUMN gone;
      ALTER TABLE parts ATTACH PARTITION parts_high FOR VALUES FROM (2) TO (MAXVALUE);
      CREATE TABLE loose_parts (n int, t text) PARTITION BY LIST (n);
      CREATE TABLE loose_parts_one PARTITION OF loose_parts FOR VALUES IN (1, 2);
      CREATE TABLE loose_parts_rest PARTITION OF loose_parts DEFAULT;
      CREATE TABLE heir (extra int) INHERITS (keyless);
      CREATE TABLE audit (id bigserial PRIMARY KEY, what text, at timestamptz DEFAULT clock_timestamp());
      ${triggers.join(";\n")}`,
    tables: [
      table("counted", "n:number t:text", "(id) DO UPDATE SET n = counted.n + 1"),
      table("made", "n:number t:text j:json", undefined),
      table("shop.pair", "n:number t:text v:number at:time", undefined),
      table(
        '"odd ""name"',
        '"select":number c0:text at:number had:number',
        "(\"select\") DO UPDATE SET c0 = 'again'",
      ),
      table("folded", "t:text n:number", "(t) DO UPDATE SET t = upper(folded.t::text), n = 7"),
      table("keyless", "n:number t:text j:json", undefined),
      table("nullable", "n:number t:text", "(n) DO NOTHING"),
      table("hinted", "n:number t:text v:number", "(t, n) DO UPDATE SET v = 9"),
      table("tree", "id:number parent:number t:text", "(id) DO UPDATE SET t = 'seen'"),
      table("child", "n:number t:text", undefined),
      table("parts", "n:number t:text v:number", "(n, t) DO UPDATE SET v = 3"),
      table("parts_low", "n:number t:text v:number", undefined),
      table("parts_high", "n:number t:text v:number", undefined),
      table("loose_parts", "n:number t:text", undefined),
      table("loose_parts_rest", "n:number t:text", undefined),
      table("heir", "n:number t:text extra:number", undefined),
    ],
  };
}

function table(name: string, columns: string, conflict: string | undefined): FuzzTable {
  return {
    name,
    columns: columns.split(" ").map((column) => {
      const [before = "", kind = "text"] = column.split(":");
      return [before, kind as "number" | "text" | "json" | "time"];
    }),
    conflict,
  };
}

const trigger = (name: string, when: string, body: string): string =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
   CREATE TRIGGER "${name}" ${when} FOR EACH ROW EXECUTE FUNCTION ${name}()`;

/** What apps do in triggers, also to the very rows of the statement that fired them. */
const TRIGGERS = [
  trigger(
    "t1",
    "AFTER INSERT ON counted",
    "UPDATE counted SET t = 'late' WHERE id >= NEW.id - 1 AND t <> 'late'; RETURN NULL;",
  ),
  trigger(
    "t2",
    "AFTER UPDATE ON made",
    "INSERT INTO audit(what) VALUES ('made ' || NEW.id); RETURN NULL;",
  ),
  trigger(
    "a3",
    "AFTER DELETE ON hinted",
    "IF OLD.v IS DISTINCT FROM 5 THEN INSERT INTO hinted VALUES (OLD.n, OLD.t, 5) ON CONFLICT DO NOTHING; END IF; RETURN NULL;",
  ),
  trigger(
    "t4",
    "BEFORE UPDATE ON tree",
    "IF NEW.id = 3 THEN RETURN NULL; END IF; NEW.t := 'touched'; RETURN NEW;",
  ),
  trigger("a5", "AFTER INSERT ON parts", "DELETE FROM parts WHERE n = NEW.n - 1; RETURN NULL;"),
  trigger(
    "t6",
    "BEFORE INSERT ON folded",
    "NEW.t := NEW.t || ''; DELETE FROM folded WHERE n = NEW.n; RETURN NEW;",
  ),
  trigger(
    "t7",
    "AFTER INSERT ON keyless",
    "UPDATE keyless SET n = n + 1 WHERE t = NEW.t AND n < 3; RETURN NULL;",
  ),
] as const;
