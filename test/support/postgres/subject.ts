import { Pool } from "pg";
import type { ConformanceSubject } from "../../../src/adapters/conformance.ts";
import type { PostgresOptions } from "../../../src/adapters/postgres/index.ts";
import { postgres } from "../../../src/adapters/postgres/index.ts";
import { ENVIRONMENT } from "./connect.ts";

/** How a subject of the conformance suite shall be. */
export interface SubjectOptions extends PostgresOptions {
  /** An app in another process that commits through its own connections. */
  readonly foreign?: boolean;
  /** Whether the table that is written to has a key. */
  readonly keyed?: boolean;
}

/** A database as the conformance suite wants it, on a server that is ours. */
export async function createSubject(
  url: string,
  options: SubjectOptions = {},
): Promise<ConformanceSubject> {
  const { foreign = true, keyed = true, ...given } = options;
  const system = postgres({
    schema: `
      CREATE TABLE entries (id serial ${keyed ? "PRIMARY KEY" : ""}, value text);
      CREATE TABLE audit (value text PRIMARY KEY);
      CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO audit VALUES (NEW.value) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
      CREATE TRIGGER audit AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION audit();
    `,
    ...given,
  });
  const { handle, adapter } = await system.connect({
    ...ENVIRONMENT,
    provide: async () => ({ url, way: "the tests' own" }),
  });
  const pool = foreign ? new Pool({ connectionString: handle.url, max: 2 }) : undefined;
  // A copy of the database ends its connections; the pool makes new ones.
  pool?.on("error", () => {});
  const insert = "INSERT INTO entries(value) VALUES ($1) RETURNING id";
  return {
    adapter,
    write: (value) => handle.execute(insert, [value]),
    writeElsewhere: (value) => pool?.query(insert, [value]),
    changeSchema: () => handle.execute("ALTER TABLE entries ADD COLUMN note text DEFAULT 'none'"),
    nextCounter: async () => (await handle.query<{ id: number }>(insert, ["counted"]))[0]?.id,
    cleanUp: () => pool?.end(),
  };
}
