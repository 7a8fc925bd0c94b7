import { createPool } from "mysql2/promise";
import type { ConformanceSubject } from "../../../src/adapters/conformance.ts";
import type { MysqlOptions } from "../../../src/adapters/mysql/index.ts";
import { connectSystem } from "./connect.ts";

/** How a subject of the conformance suite shall be. */
export interface SubjectOptions extends MysqlOptions {
  /** An app in another process that commits through its own connections. */
  readonly foreign?: boolean;
  /** Whether the table that is written to has a key. */
  readonly keyed?: boolean;
}

/** A database as the conformance suite wants it. */
export async function createSubject(options: SubjectOptions): Promise<ConformanceSubject> {
  const { foreign = true, keyed = true, ...given } = options;
  const { handle, adapter } = await connectSystem({
    schema: `
      CREATE TABLE entries (id INT AUTO_INCREMENT, value VARCHAR(100), ${keyed ? "PRIMARY KEY" : "KEY"} (id));
      CREATE TABLE audit (value VARCHAR(100) PRIMARY KEY);
      CREATE TRIGGER audit AFTER INSERT ON entries FOR EACH ROW INSERT IGNORE INTO audit VALUES (NEW.value);
    `,
    ...given,
  });
  const pool = foreign ? createPool({ uri: handle.url, connectionLimit: 2 }) : undefined;
  const insert = "INSERT INTO entries(value) VALUES (?)";
  return {
    adapter,
    write: (value) => handle.execute(insert, [value]),
    writeElsewhere: (value) => pool?.query(insert, [value]),
    changeSchema: () =>
      handle.execute("ALTER TABLE entries ADD COLUMN note VARCHAR(10) DEFAULT 'none'"),
    nextCounter: async () => (await handle.execute(insert, ["counted"])).insertId,
    cleanUp: () => pool?.end(),
  };
}
