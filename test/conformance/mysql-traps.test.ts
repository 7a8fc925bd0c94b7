import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/mysql/client.ts";
import { connect } from "../support/mysql/connect.ts";
import { readDump } from "../support/mysql/dump.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

interface Trap {
  readonly name: string;
  readonly schema: string;
  /** Run by the app before anything is rolled back. */
  readonly before?: string;
  /** Run one after the other by an app's own connection. */
  readonly writes: readonly string[];
}

const KEYS = `
  CREATE TABLE a (id INT PRIMARY KEY, t VARCHAR(9));
  CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a(id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE c (b INT, n INT, PRIMARY KEY (b, n), FOREIGN KEY (b) REFERENCES b(id) ON DELETE CASCADE ON UPDATE CASCADE);
  INSERT INTO a VALUES (1, 'x'), (2, 'y'); INSERT INTO b VALUES (1, 1), (2, 1), (3, 2); INSERT INTO c VALUES (1, 1), (1, 2), (2, 1), (3, 1)`;
const CHAIN = `${KEYS};
  CREATE TABLE d (id INT PRIMARY KEY, b INT, n INT, FOREIGN KEY (b, n) REFERENCES c(b, n) ON DELETE SET NULL);
  INSERT INTO d VALUES (1, 1, 1), (2, 1, 2), (3, 3, 1)`;

const TRAPS: readonly Trap[] = [
  { name: "a cascade through four tables", schema: CHAIN, writes: ["DELETE FROM a WHERE id = 1"] },
  {
    // Of one column: MySQL 9.7 refuses what cascades through two, with or without us.
    name: "a key that cascades into other keys",
    schema: KEYS,
    writes: ["UPDATE b SET id = id + 10 ORDER BY id", "UPDATE a SET id = 7 WHERE id = 2"],
  },
  {
    name: "rows on several paths from one",
    schema: `${CHAIN}; CREATE TABLE e (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a) REFERENCES a(id) ON DELETE CASCADE, FOREIGN KEY (b) REFERENCES b(id) ON DELETE SET NULL);
      INSERT INTO e VALUES (1, 1, 1), (2, 2, 1), (3, NULL, 3)`,
    writes: ["DELETE FROM a"],
  },
  {
    name: "a tree that goes with its root",
    schema: `CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree(id) ON DELETE CASCADE);
      INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6), (8, 1), (9, 9)`,
    writes: ["DELETE FROM tree WHERE id IN (1, 9)"],
  },
  {
    name: "rows that lose their parent in their own table",
    schema: `CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree(id) ON DELETE SET NULL);
      INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2)`,
    writes: ["DELETE FROM tree WHERE id = 1"],
  },
  {
    name: "tables that refer to each other in a ring",
    schema: `CREATE TABLE a (id INT PRIMARY KEY, b INT); CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a(id) ON DELETE CASCADE);
      INSERT INTO a VALUES (1, NULL), (2, NULL); INSERT INTO b VALUES (1, 1), (2, 2); UPDATE a SET b = 3 - id;
      ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b(id) ON DELETE CASCADE`,
    writes: ["DELETE FROM a WHERE id = 1"],
  },
  {
    name: "keys that differ in case only, and what follows them",
    schema: `CREATE TABLE tag (t VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY) COLLATE utf8mb4_general_ci;
      CREATE TABLE used (id INT PRIMARY KEY, t VARCHAR(9) COLLATE utf8mb4_general_ci, FOREIGN KEY (t) REFERENCES tag(t) ON UPDATE CASCADE) COLLATE utf8mb4_general_ci;
      INSERT INTO tag VALUES ('a'), ('b'), ('c '); INSERT INTO used VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
    writes: ["UPDATE tag SET t = UPPER(t)", "UPDATE tag SET t = 'C' WHERE t = 'c'"],
  },
  {
    name: "REPLACE, ON DUPLICATE KEY and IGNORE",
    schema: `CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE, v INT); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)`,
    writes: [
      "REPLACE INTO t VALUES (1, 2, 9)",
      "INSERT INTO t VALUES (9, 3, 1) ON DUPLICATE KEY UPDATE id = 8, v = 7",
      "INSERT IGNORE INTO t VALUES (8, 8, 8), (10, 10, 10)",
      "UPDATE IGNORE t SET id = 10 WHERE id = 1",
      "UPDATE IGNORE t SET id = id + 1 ORDER BY id",
    ],
  },
  {
    name: "several tables in one statement, also through a view",
    schema: `${KEYS}; CREATE VIEW v AS SELECT * FROM b WHERE a = 1`,
    writes: [
      "UPDATE b JOIN a ON a.id = b.a SET a.t = 'both', b.a = 2 WHERE b.id = 2",
      "UPDATE v SET id = 20 WHERE id = 1",
      "DELETE a, b FROM a JOIN b ON b.a = a.id WHERE a.id = 2",
    ],
  },
  {
    name: "values at the edges of their types",
    schema: `CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, d DECIMAL(65, 30), f FLOAT, g DOUBLE, b BIT(64), e ENUM('a', 'b'), s SET('a', 'b'), y YEAR,
        j JSON, raw BLOB, long_text LONGTEXT, p POINT, at DATETIME(6), ts TIMESTAMP(6) NULL, day DATE, span TIME(3));
      SET sql_mode = ''; INSERT INTO t VALUES (18446744073709551615, 12345678901234567890123456789012345.123456789012345678901234567891, 1.2345678, 1.7976931348623157e308, b'1', 'none', 'a,b', 0,
        '{"a": 1.0}', X'00ff00', REPEAT('ä', 70000), POINT(1, 2), '0000-00-00', '0000-00-00', '2024-00-00', '-838:59:59')`,
    writes: [
      "SET sql_mode = ''",
      "UPDATE t SET d = 0, f = f + 0.0000002, g = 0, b = 0, e = 'a', s = '', y = 1999, j = '{}', raw = '', long_text = '', p = NULL, at = NOW(), ts = NOW(), day = NULL, span = '0'",
      "DELETE FROM t",
    ],
  },
  {
    name: "zero in a counted column",
    schema: "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
    before: "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; INSERT INTO t VALUES (0, 1), (-1, 2), (5, 3)",
    writes: [
      "UPDATE t SET v = v + 1",
      "DELETE FROM t WHERE id <= 0",
      "INSERT INTO t(v) VALUES (7)",
    ],
  },
  {
    name: "the app's triggers, which do not fire again",
    schema: `CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20));
      CREATE TRIGGER one AFTER INSERT ON t FOR EACH ROW INSERT INTO audit(what) VALUES ('one');
      CREATE TRIGGER two AFTER INSERT ON t FOR EACH ROW PRECEDES one INSERT INTO audit(what) VALUES ('two');
      CREATE TRIGGER three BEFORE UPDATE ON t FOR EACH ROW SET NEW.v = NEW.v + 100;
      CREATE TRIGGER four AFTER DELETE ON t FOR EACH ROW INSERT INTO audit(what) VALUES ('four');
      INSERT INTO t VALUES (1, 1), (2, 2)`,
    writes: ["INSERT INTO t VALUES (3, 3)", "UPDATE t SET v = 0", "DELETE FROM t WHERE id = 1"],
  },
  {
    name: "generated and invisible columns",
    schema: `CREATE TABLE t (id INT PRIMARY KEY, n INT, twice INT AS (n * 2) STORED, thrice INT AS (n * 3) VIRTUAL UNIQUE, hidden INT DEFAULT 5 INVISIBLE);
      INSERT INTO t(id, n) VALUES (1, 1), (2, 2); UPDATE t SET hidden = 7 WHERE id = 1`,
    writes: ["UPDATE t SET n = n + 5, hidden = 1", "DELETE FROM t WHERE id = 2"],
  },
  {
    name: "rows that move between partitions",
    schema: `CREATE TABLE t (n INT, v INT, PRIMARY KEY (n)) PARTITION BY RANGE (n) (PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN MAXVALUE);
      INSERT INTO t VALUES (1, 1), (6, 6)`,
    writes: ["UPDATE t SET n = 10 - n ORDER BY n", "INSERT INTO t VALUES (20, 1)"],
  },
  {
    name: "tables without transactions, also when a transaction around them is rolled back",
    schema: `CREATE TABLE m (id INT AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE = MyISAM; CREATE TABLE h (v INT) ENGINE = MEMORY; CREATE TABLE t (id INT PRIMARY KEY);
      INSERT INTO m(v) VALUES (1), (2); INSERT INTO h VALUES (1), (1)`,
    writes: [
      "BEGIN",
      "INSERT INTO t VALUES (1)",
      "ROLLBACK",
      "INSERT INTO m VALUES (3, 3), (4, 4)",
      "UPDATE m SET v = 9 WHERE id = 1",
      "DELETE FROM h LIMIT 1",
    ],
  },
  {
    name: "equal rows of a table without a key",
    schema: `CREATE TABLE t (n INT, j JSON); INSERT INTO t VALUES (1, '[1]'), (1, '[1]'), (1, '[1]'), (NULL, NULL)`,
    writes: [
      "DELETE FROM t WHERE n = 1 LIMIT 1",
      "UPDATE t SET n = 2 WHERE n = 1 LIMIT 1",
      "INSERT INTO t VALUES (1, '[1]'), (1, '[1]')",
    ],
  },
  {
    name: "a key of text whose ends are spaces",
    schema: `CREATE TABLE t (t VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT); INSERT INTO t VALUES ('a', 1), ('b ', 2)`,
    writes: [
      "UPDATE t SET t = 'a  ' WHERE v = 1",
      "UPDATE t SET t = 'b' WHERE v = 2",
      "REPLACE INTO t VALUES ('b   ', 3)",
    ],
  },
  {
    name: "odd names",
    schema:
      "CREATE TABLE `a.b ``c'd\"` (`seq ``` INT PRIMARY KEY, `had` INT, `c0` INT, `at` INT); INSERT INTO `a.b ``c'd\"` VALUES (1, 2, 3, 4)",
    writes: [
      "UPDATE `a.b ``c'd\"` SET `seq ``` = 9, had = 8",
      "INSERT INTO `a.b ``c'd\"` VALUES (1, 1, 1, 1)",
    ],
  },
  {
    name: "counters that a failed statement used up",
    schema:
      "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE); INSERT INTO t(u) VALUES (1)",
    writes: ["INSERT IGNORE INTO t(u) VALUES (1), (1), (1)"],
  },
];

lane("mysql traps", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let started: TestServer | undefined;
    const url = (): string => started?.url() ?? "";

    beforeAll(async () => {
      started = await startServer(program);
    });
    afterAll(() => started?.stop());

    test.for(TRAPS)("undo puts back $name", async ({ schema, before: first = "DO 0", writes }) => {
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      const app = await client(handle.url);
      await app.query(first);
      await adapter.open();
      const at = await adapter.checkpoint();
      const before = { seen: await adapter.observe(), dump: await readDump(app) };

      for (const sql of writes) await app.query(sql);
      const changed = await readDump(app);
      const later = await adapter.checkpoint();
      expect(changed).not.toEqual(before.dump);
      await adapter.rollback(at);
      expect(await readDump(app)).toEqual(before.dump);
      expect(await adapter.observe()).toEqual(before.seen);
      expect(await adapter.diff(at)).toEqual([]);

      await adapter.rollback(later);
      expect(await readDump(app)).toEqual(changed);
      await adapter.rollback(at);
      expect(await readDump(app)).toEqual(before.dump);
    });

    test("observe tells values apart that are written alike", async () => {
      const schema = `CREATE TABLE t (f FLOAT, t VARCHAR(9) COLLATE utf8mb4_general_ci, n INT); INSERT INTO t VALUES (1.2345678, 'a', NULL)`;
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      await adapter.open();
      const seen = [await adapter.observe()];

      for (const set of ["f = f + 0.0000002", "t = 'A'", "t = 'A '", "n = 0"]) {
        await handle.execute(`UPDATE t SET ${set}`);
        seen.push(await adapter.observe());
      }

      expect(new Set(seen.map((it) => it["t"]?.digest)).size).toBe(5);
    });

    test("undo puts back what LOAD DATA wrote", async () => {
      const schema = "CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1)";
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      await adapter.open();
      const at = await adapter.checkpoint();

      const app = await client(handle.url);
      await app.query({
        sql: "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE t",
        infileStreamFactory: () => Readable.from([Buffer.from("1\t9\n2\t2\n")]),
      });
      expect(await handle.query("SELECT * FROM t")).toHaveLength(2);
      await adapter.rollback(at);

      expect(await handle.query("SELECT * FROM t")).toEqual([{ id: 1, v: 1 }]);
    });

    test("a deadlock takes back all of its transaction, and the log with it", async () => {
      const schema =
        "CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (2, 2)";
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      const [one, other] = [await client(handle.url), await client(handle.url)];
      await adapter.open();
      const at = await adapter.checkpoint();

      for (const it of [one, other]) await it.query("BEGIN");
      await one.query("UPDATE t SET v = 7 WHERE id = 1");
      await other.query("UPDATE t SET v = 8 WHERE id = 2");
      const results = await Promise.allSettled([
        one.query("UPDATE t SET v = 7 WHERE id = 2"),
        other.query("UPDATE t SET v = 8 WHERE id = 1"),
      ]);
      for (const it of [one, other]) await it.query("COMMIT");
      expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
      const [diff] = await adapter.diff(at);
      expect(diff?.changes).toHaveLength(2);
      await adapter.rollback(at);

      expect(await handle.query("SELECT v FROM t ORDER BY id")).toEqual([{ v: 1 }, { v: 2 }]);
    });

    test("a statement that fails keeps what its transaction wrote before", async () => {
      const schema = "CREATE TABLE t (id INT PRIMARY KEY)";
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      const app = await client(handle.url);
      await adapter.open();
      const at = await adapter.checkpoint();

      await app.query("BEGIN; INSERT INTO t VALUES (1)");
      await expect(app.query("INSERT INTO t VALUES (2), (1)")).rejects.toThrow("Duplicate entry");
      await app.query("COMMIT");

      expect(await adapter.diff(at)).toMatchObject([{ changes: [{ after: [1] }] }]);
    });

    test("prepared statements of the app go on working", async () => {
      const schema = "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)";
      const { handle, adapter } = await connect({ url: url(), schema, isolation: "undo" });
      const app = await client(handle.url);
      const insert = await app.prepare("INSERT INTO t(v) VALUES (?)");
      await adapter.open();
      const at = await adapter.checkpoint();

      for (const value of [1, 2, 3]) {
        expect((await insert.execute([value]))[0]).toMatchObject({ insertId: 1 });
        await adapter.rollback(at);
      }
    });
  });
});
