import { ExploreError } from "../../errors.ts";
import { quoteName } from "../sql/quote.ts";
import { inSchemas } from "./catalogue.ts";
import type { PostgresClient } from "./driver.ts";
import type { ModeTarget } from "./mode.ts";

interface Found {
  readonly user: string;
  readonly isSuper: boolean;
  readonly mayBypass: boolean;
  readonly mayReplicate: boolean;
  readonly mayCreate: boolean;
  readonly schemas: readonly string[] | null;
  readonly tables: readonly Lacking[] | null;
  readonly sequences: readonly string[] | null;
}

interface Lacking {
  readonly name: string;
  readonly rights: readonly string[];
  /** What it has that only its owner may switch off. */
  readonly needsOwner: boolean;
  readonly needsBypass: boolean;
}

/**
 * Tells what the user needs for `undo` and lacks.
 *
 * @returns SQL that a superuser could run in the database; empty when nothing is missing.
 */
async function missingRights(
  client: PostgresClient,
  { schemas, database }: Pick<ModeTarget, "schemas" | "database">,
): Promise<readonly string[]> {
  const version = await client.query<{ number: string }>(
    "SELECT current_setting('server_version_num') AS number",
  );
  const hasParameterRights = Number(version.rows[0]?.number) >= 150_000;
  const { rows } = await client.query<{ found: Found }>(rightsSql(schemas, hasParameterRights));
  const found = rows[0]?.found;
  if (found === undefined || found.isSuper) return [];
  return grantsOf(found, database, hasParameterRights);
}

function grantsOf(found: Found, database: string, hasParameterRights: boolean): readonly string[] {
  const user = quoteName(found.user);
  const tables = found.tables ?? [];
  const rightOn = (right: string): readonly string[] => {
    const names = tables.filter(({ rights }) => rights.includes(right)).map(({ name }) => name);
    return names.length === 0 ? [] : [`GRANT ${right} ON ${names.join(", ")} TO ${user};`];
  };
  return [
    ...onlyIf(
      !found.mayReplicate,
      hasParameterRights
        ? `GRANT SET ON PARAMETER session_replication_role TO ${user};`
        : `ALTER ROLE ${user} SUPERUSER;`,
    ),
    ...onlyIf(!found.mayCreate, `GRANT CREATE ON DATABASE ${quoteName(database)} TO ${user};`),
    ...(found.schemas ?? []).map((name) => `GRANT USAGE ON SCHEMA ${name} TO ${user};`),
    ...TABLE_RIGHTS.flatMap(rightOn),
    ...(found.sequences ?? []).map(
      (name) => `GRANT SELECT, UPDATE ON SEQUENCE ${name} TO ${user};`,
    ),
    ...tables
      .filter(({ needsOwner }) => needsOwner)
      .map(({ name }) => `ALTER TABLE ${name} OWNER TO ${user};`),
    ...onlyIf(
      tables.some(({ needsBypass }) => needsBypass) && !found.mayBypass,
      `ALTER ROLE ${user} BYPASSRLS;`,
    ),
  ];
}

function onlyIf(isMissing: boolean, sql: string): readonly string[] {
  return isMissing ? [sql] : [];
}

const TABLE_RIGHTS = ["SELECT", "INSERT", "DELETE", "TRIGGER"] as const;

/** Refuses `undo` with the SQL that would make it work. */
export async function requireRights(client: PostgresClient, target: ModeTarget): Promise<void> {
  const missing = await missingRights(client, target);
  if (missing.length === 0) return;
  const { system } = target;
  throw new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "undo" cannot be used, because the user lacks rights. They would be given by:\n` +
      `${missing.map((sql) => `  ${sql}`).join("\n")}\n` +
      'Have a superuser run this, connect as another user, or set `isolation: "template"`.',
    { details: { system, missing } },
  );
}

const IS_OWNER = "pg_has_role(c.relowner, 'USAGE')";

function rightsSql(schemas: readonly string[] | undefined, hasParameterRights: boolean): string {
  const where = inSchemas(schemas);
  const relations = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relpersistence <> 't' AND ${where}`;
  const always = `EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgenabled IN ('A', 'R') AND NOT tgisinternal AND tgname NOT LIKE 'explore\\_%')
    OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid AND ev_enabled IN ('A', 'R'))`;
  return `SELECT json_build_object('user', current_user::text,
    'isSuper', r.rolsuper, 'mayBypass', r.rolbypassrls,
    'mayReplicate', ${hasParameterRights ? "has_parameter_privilege('session_replication_role', 'SET')" : "r.rolsuper"},
    'mayCreate', has_database_privilege(current_database(), 'CREATE'),
    'schemas', (SELECT json_agg(quote_ident(n.nspname) ORDER BY n.nspname) FROM pg_namespace n WHERE ${where} AND NOT has_schema_privilege(n.oid, 'USAGE')),
    'tables', (SELECT json_agg(t ORDER BY t.name) FROM (SELECT format('%I.%I', n.nspname, c.relname) AS name,
        array_remove(ARRAY[${TABLE_RIGHTS.map(unlessGranted).join(", ")}], NULL) AS rights,
        NOT ${IS_OWNER} AND (${always}) AS "needsOwner",
        c.relrowsecurity AND (c.relforcerowsecurity OR NOT ${IS_OWNER}) AS "needsBypass"
      ${relations} AND c.relkind IN ('r', 'p')) AS t WHERE t.rights <> '{}' OR t."needsOwner" OR t."needsBypass"),
    'sequences', (SELECT json_agg(format('%I.%I', n.nspname, c.relname) ORDER BY 1) ${relations} AND c.relkind = 'S'
      AND NOT (has_sequence_privilege(c.oid, 'SELECT') AND has_sequence_privilege(c.oid, 'UPDATE')))
  ) AS found FROM pg_roles r WHERE r.rolname = current_user`;
}

function unlessGranted(right: string): string {
  return `CASE WHEN NOT has_table_privilege(c.oid, '${right}') THEN '${right}' END`;
}
