import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient as client } from "../support/postgres/client.ts";
import { connect } from "../support/postgres/connect.ts";
import { readDump } from "../support/postgres/dump.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { startServer } from "../support/postgres/server.ts";
import { postgresVersions, probeVersions } from "../support/postgres/versions.ts";

/** A schema that a restore could get wrong, and what an app does to it. */
interface Trap {
  readonly schema: string;
  readonly writes: readonly string[];
  /** The oldest version that knows the syntax. */
  readonly since?: number;
}

const wide = Array.from({ length: 500 }, (_, i) => `c${i} int DEFAULT ${i}`).join(", ");

const TRAPS: Readonly<Record<string, Trap>> = {
  "triggers that fire always, and for replicas": {
    schema: `CREATE TABLE orders (id int PRIMARY KEY, n int); CREATE TABLE audit (id serial PRIMARY KEY, what text);
      CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit(what) VALUES (TG_NAME || TG_OP); RETURN NULL; END $$;
      CREATE TRIGGER a AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
      CREATE TRIGGER b AFTER INSERT OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
      CREATE TRIGGER c AFTER DELETE ON orders FOR EACH STATEMENT EXECUTE FUNCTION audit();
      ALTER TABLE orders ENABLE ALWAYS TRIGGER a; ALTER TABLE orders ENABLE REPLICA TRIGGER b; ALTER TABLE orders ENABLE ALWAYS TRIGGER c;
      INSERT INTO orders VALUES (1, 1), (2, 2)`,
    writes: [
      "UPDATE orders SET n = 7",
      "DELETE FROM orders WHERE id = 1",
      "INSERT INTO orders VALUES (3, 3)",
    ],
  },
  "rules that apply always": {
    schema: `CREATE TABLE orders (id int PRIMARY KEY, n int); CREATE TABLE log (n int);
      CREATE RULE r AS ON DELETE TO orders DO ALSO INSERT INTO log VALUES (OLD.n); ALTER TABLE orders ENABLE ALWAYS RULE r;
      CREATE RULE s AS ON INSERT TO orders DO ALSO INSERT INTO log VALUES (NEW.n); INSERT INTO orders VALUES (1, 1)`,
    writes: ["DELETE FROM orders", "INSERT INTO orders VALUES (2, 2)"],
  },
  "an app that writes as a replica": {
    schema: "CREATE TABLE orders (id int PRIMARY KEY, n int); INSERT INTO orders VALUES (1, 1)",
    writes: [
      "SET session_replication_role = replica",
      "UPDATE orders SET n = 2",
      "TRUNCATE orders",
      "INSERT INTO orders VALUES (5, 5)",
    ],
  },
  "names with everything in them": {
    schema: `CREATE SCHEMA "shop"; CREATE TABLE shop."100% $explore$ 'it''s' ""x""" ("%s %I %" int PRIMARY KEY, "$explore$" text, "a\\b" int, "at" int, "since" int, "node" int);
      INSERT INTO shop."100% $explore$ 'it''s' ""x""" VALUES (1, 'x', 1, 1, 1, 1)`,
    writes: [
      `UPDATE shop."100% $explore$ 'it''s' ""x""" SET "$explore$" = 'y'`,
      `TRUNCATE shop."100% $explore$ 'it''s' ""x"""`,
      `INSERT INTO shop."100% $explore$ 'it''s' ""x""" VALUES (2)`,
    ],
  },
  "five hundred columns": {
    schema: `CREATE TABLE wide (id int PRIMARY KEY, ${wide}); INSERT INTO wide VALUES (1)`,
    writes: [
      "UPDATE wide SET c499 = 0",
      "INSERT INTO wide VALUES (2)",
      "DELETE FROM wide WHERE id = 1",
    ],
  },
  "very large values": {
    schema:
      "CREATE TABLE big (id int PRIMARY KEY, t text, j json); INSERT INTO big SELECT 1, string_agg(md5(i::text), ''), '{}' FROM generate_series(1, 100000) i",
    writes: [
      "UPDATE big SET j = '[1]'",
      "UPDATE big SET t = t || 'x'",
      "INSERT INTO big SELECT 2, t, j FROM big",
    ],
  },
  "numbers that are equal and written otherwise, as keys": {
    schema:
      "CREATE TABLE n (k numeric PRIMARY KEY, v numeric); CREATE TABLE f (k float8 PRIMARY KEY, v float4); INSERT INTO n VALUES (1.0, 1.0), ('NaN', 0); INSERT INTO f VALUES ('NaN', 1), (0, 2), ('-infinity', 3)",
    writes: [
      "UPDATE n SET k = 1.00, v = 1.00 WHERE k = 1",
      "UPDATE f SET k = '-0' WHERE k = 0",
      "DELETE FROM f WHERE k = 'NaN'",
      "DELETE FROM n WHERE k = 'NaN'",
      "INSERT INTO f VALUES ('NaN', -0.0)",
    ],
  },
  "keys that know no case": {
    schema: `CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE words (w text COLLATE folded PRIMARY KEY, n int); INSERT INTO words VALUES ('one', 1), ('Two', 2)`,
    writes: [
      "UPDATE words SET w = 'ONE' WHERE w = 'one'",
      "DELETE FROM words WHERE w = 'TWO'",
      "INSERT INTO words VALUES ('tWo', 3)",
    ],
  },
  "a deferrable key that two rows have for a while": {
    schema: `CREATE TABLE places (place int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int); INSERT INTO places VALUES (1, 1), (2, 2), (3, 3);
      CREATE TABLE turns (turn int PRIMARY KEY, place int UNIQUE DEFERRABLE); INSERT INTO turns VALUES (1, 1), (2, 2)`,
    writes: [
      "BEGIN; INSERT INTO places VALUES (1, 9); DELETE FROM places WHERE n = 9; COMMIT",
      "BEGIN; UPDATE places SET place = 2 WHERE n = 3; UPDATE places SET place = 4 WHERE n = 3; COMMIT",
      "UPDATE turns SET place = 3 - place",
    ],
  },
  "exclusion constraints": {
    schema:
      "CREATE TABLE booked (id serial PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&)); INSERT INTO booked(during) VALUES ('[1,5)'), ('[5,9)')",
    writes: [
      "DELETE FROM booked WHERE id = 1",
      "INSERT INTO booked(during) VALUES ('[2,4)')",
      "UPDATE booked SET during = '[6,7)' WHERE id = 2",
      "INSERT INTO booked(during) VALUES ('[4,6)')",
    ],
  },
  "row security that is forced": {
    schema: `CREATE TABLE notes (id int PRIMARY KEY, owner text); ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY;
      CREATE POLICY own ON notes USING (owner = current_user); INSERT INTO notes VALUES (1, 'a'), (2, 'b')`,
    writes: ["DELETE FROM notes", "INSERT INTO notes VALUES (3, 'c')"],
  },
  "domains, identities and generated columns": {
    schema: `CREATE DOMAIN positive AS int NOT NULL CHECK (value > 0); CREATE DOMAIN very AS positive CHECK (value < 100);
      CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY (INCREMENT 5) PRIMARY KEY, n very DEFAULT 1, twice int GENERATED ALWAYS AS (n * 2) STORED); INSERT INTO made(n) VALUES (1), (2)`,
    writes: [
      "UPDATE made SET n = 5",
      "DELETE FROM made WHERE id = 1",
      "INSERT INTO made(n) VALUES (9)",
    ],
  },
  "virtual generated columns": {
    since: 18,
    schema:
      "CREATE TABLE made (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) VIRTUAL, s int GENERATED ALWAYS AS (n * 3) STORED); INSERT INTO made VALUES (1, 1)",
    writes: ["UPDATE made SET n = 5", "TRUNCATE made", "INSERT INTO made VALUES (2, 2)"],
  },
  "keys without overlaps": {
    since: 18,
    schema:
      "CREATE EXTENSION btree_gist; CREATE TABLE prices (id int, during int4range, p int, PRIMARY KEY (id, during WITHOUT OVERLAPS)); INSERT INTO prices VALUES (1, '[1,5)', 1), (1, '[5,9)', 2)",
    writes: [
      "UPDATE prices SET p = 7",
      "UPDATE prices SET during = '[2,4)' WHERE id = 1 AND during = '[1,5)'",
      "DELETE FROM prices WHERE p = 7 AND during = '[5,9)'",
    ],
  },
  "unlogged tables": {
    schema:
      "CREATE UNLOGGED TABLE quick (id serial PRIMARY KEY, n int); INSERT INTO quick(n) VALUES (1)",
    writes: ["UPDATE quick SET n = 2", "INSERT INTO quick(n) VALUES (3)"],
  },
  "partitions of partitions, written directly": {
    schema: `CREATE TABLE p (a int, b int, v int, PRIMARY KEY (a, b)) PARTITION BY RANGE (a);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b); CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1); CREATE TABLE p12 PARTITION OF p1 DEFAULT;
      CREATE TABLE p2 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1, 1, 1), (1, 2, 2), (20, 1, 3)`,
    writes: [
      "UPDATE p SET a = a + 9",
      "INSERT INTO p12 VALUES (2, 5, 5)",
      "TRUNCATE p2",
      "DELETE FROM p1",
      "INSERT INTO p11 VALUES (3, 1, 9)",
      "UPDATE p SET b = 2 WHERE a = 3",
    ],
  },
  "savepoints inside a transaction": {
    schema: "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)",
    writes: [
      "BEGIN; UPDATE t SET n = 10 WHERE id = 1; SAVEPOINT a; UPDATE t SET n = 11; INSERT INTO t VALUES (3, 3); SAVEPOINT b; DELETE FROM t; ROLLBACK TO b; UPDATE t SET n = n + 1; RELEASE a; UPDATE t SET id = id + 10; COMMIT",
    ],
  },
  "an age asked for earlier in the transaction": {
    schema: "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)",
    writes: [
      "BEGIN; SELECT max(age(xmin)) FROM t",
      "UPDATE t SET n = 9 WHERE id = 2; INSERT INTO t VALUES (3, 3); UPDATE t SET n = 8; COMMIT",
    ],
  },
  "sequences that hand out several values at once": {
    schema:
      "CREATE SEQUENCE s CACHE 10; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('s'), n int)",
    writes: ["INSERT INTO t(n) VALUES (1)"],
  },
  "triggers off and on again": {
    schema: "CREATE TABLE t (id int PRIMARY KEY, n int REFERENCES t); INSERT INTO t VALUES (1, 1)",
    writes: ["UPDATE t SET n = NULL"],
  },
};

lane("postgres traps", probeVersions, () => {
  describe.for(postgresVersions())("PostgreSQL $version", ({ version, folder }) => {
    let server: TestServer | undefined;

    beforeAll(async () => {
      server = await startServer(folder);
    });
    afterAll(() => server?.stop());

    const traps = Object.entries(TRAPS).filter(([, { since = 0 }]) => since <= Number(version));
    test.for(traps)("%s", async ([, { schema, writes }]) => {
      const { handle, adapter } = await connect({ url: server?.url("postgres") ?? "", schema });
      const [app, reader] = [await client(handle.url), await client(handle.url)];
      await adapter.open();
      const before = { at: await adapter.checkpoint(), dump: await readDump(reader) };
      for (const sql of writes) await app.query(sql);
      const after = { at: await adapter.checkpoint(), dump: await readDump(reader) };
      expect(after.dump).not.toEqual(before.dump);

      for (const { at, dump } of [before, after, before]) {
        await adapter.rollback(at);
        expect(await readDump(reader)).toEqual(dump);
        expect(await adapter.diff(at)).toEqual([]);
      }
      for (const sql of writes) await app.query(sql);
      expect(await readDump(reader)).toEqual(after.dump);
      await adapter.rollback(before.at);
      expect(await readDump(reader)).toEqual(before.dump);
    });
  });
});
