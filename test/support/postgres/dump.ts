import type { Client } from "pg";
import type { Dump } from "../sql/walk.ts";

/** Reads a database row for row, by our own code as little as possible. */
export async function readDump(client: Client): Promise<Dump> {
  const { rows: names } = await client.query<{ name: string; kind: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name, relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'S') AND nspname IN ('public', 'shop') ORDER BY 1`,
  );
  const parts = names.map(({ name, kind }) =>
    kind === "S"
      ? `SELECT '${name}' AS name, ARRAY[last_value::text, is_called::text] AS rows FROM ${name}`
      : `SELECT '${name.replaceAll("'", "''")}' AS name, (SELECT array_agg((t.*)::text ORDER BY (t.*)::text) FROM ONLY ${name} AS t) AS rows`,
  );
  const { rows } = await client.query<{ name: string; rows: string[] | null }>(
    parts.join(" UNION ALL "),
  );
  return Object.fromEntries(rows.map(({ name, rows: texts }) => [name, texts ?? []]));
}
