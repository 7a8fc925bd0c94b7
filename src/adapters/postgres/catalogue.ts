import type { Column } from "../adapter.ts";
import { quoteName, quoteText } from "../sql/quote.ts";
import type { PostgresClient } from "./driver.ts";

/** The schema that holds everything we put into a database. */
export const OURS = "explore";

/** A stored column; generated ones are left out, since the server computes them again. */
export interface TableColumn {
  readonly name: string;
  /** The number of the type; of a domain, that of the type below it. */
  readonly type: number;
  /** The SQL name of that type. */
  readonly typeName: string;
  readonly isDomain: boolean;
  /** The server makes its values: `GENERATED … AS IDENTITY`, `serial`. */
  readonly isCounted: boolean;
  readonly references: { readonly table: number; readonly column: string } | null;
}

/** What the catalogue knows about a table, partitioned or not. */
export interface Table {
  readonly id: number;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  /** Columns by which a row is found; empty when no index tells rows apart at any time. */
  readonly key: readonly string[];
  /** Triggers and rules of the app that would run while rows are put back. */
  readonly alwaysOn: readonly AlwaysOn[];
}

/** A trigger or rule that runs even where rows are put back as they were. */
export interface AlwaysOn {
  /** Where and what it is, as `ALTER TABLE` needs it, e.g. `TRIGGER "audit"`. */
  readonly table: string;
  readonly what: string;
  readonly when: "ALWAYS" | "REPLICA";
}

/** A relation that holds rows of a table: the table itself, or one of its partitions. */
export interface Store {
  /** Quoted. */
  readonly name: string;
  /** Whether we may alter it. */
  readonly isOwned: boolean;
}

/** What a database holds that is rolled back. */
export interface Catalogue {
  readonly tables: readonly Table[];
  readonly storesOf: (table: Table) => readonly Store[];
  /** Quoted names, in a fixed order. */
  readonly sequences: readonly string[];
  /** Those of them of which a connection takes several values at once. */
  readonly cachedSequences: readonly Store[];
  /** What is there and cannot be rolled back, one noun phrase each. */
  readonly notRestored: readonly string[];
}

/** A condition on `n.nspname`. */
export function inSchemas(schemas: readonly string[] | undefined): string {
  if (schemas !== undefined) return `n.nspname IN (${schemas.map(quoteText).join(", ")})`;
  return `n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', '${OURS}')`;
}

const BASE_TYPE = `WITH RECURSIVE base(type, oid, typmod) AS (
    SELECT oid, oid, -1 FROM pg_type WHERE typtype <> 'd'
    UNION ALL SELECT t.oid, base.oid, t.typtypmod FROM pg_type t JOIN base ON t.typbasetype = base.type WHERE t.typtype = 'd')`;

const COLUMNS = `SELECT json_agg(json_build_object(
    'name', a.attname, 'type', b.oid::int8, 'typeName', format_type(b.oid, CASE WHEN b.oid = a.atttypid THEN a.atttypmod ELSE b.typmod END),
    'isDomain', b.oid <> a.atttypid,
    'isCounted', a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false),
    'references', (SELECT json_build_object('table', f.confrelid::int8, 'column', fa.attname)
      FROM pg_constraint f CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k(here, there)
      JOIN pg_attribute fa ON fa.attrelid = f.confrelid AND fa.attnum = k.there
      WHERE f.contype = 'f' AND f.conrelid = c.oid AND k.here = a.attnum ORDER BY f.oid LIMIT 1)
  ) ORDER BY a.attnum)
  FROM pg_attribute a JOIN base b ON b.type = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum AND a.attgenerated = ''
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''`;

const KEYS = `SELECT json_agg(json_build_object('isPrimary', i.indisprimary, 'isImmediate', i.indimmediate, 'columns', names) ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid)
  FROM pg_index i CROSS JOIN LATERAL (
    SELECT json_agg(a.attname ORDER BY k.place) AS names, bool_and(a.attnotnull AND a.attgenerated = '') AS is_usable
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE k.place <= i.indnkeyatts) AS key
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND is_usable`;

const ROOT = "coalesce(pg_partition_root(c.oid), c.oid)::oid::int8";
const MAY_ALTER = "pg_has_role(c.relowner, 'USAGE')";

const ALWAYS_ON = `SELECT json_agg(json_build_object('table', format('%I.%I', sn.nspname, s.relname), 'what', x.what,
    'when', CASE x.enabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END) ORDER BY sn.nspname, s.relname, x.what)
  FROM pg_class s JOIN pg_namespace sn ON sn.oid = s.relnamespace JOIN (
    SELECT tgrelid AS of, format('TRIGGER %I', tgname) AS what, tgenabled AS enabled FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '${OURS}\\_%'
    UNION ALL SELECT ev_class, format('RULE %I', rulename), ev_enabled FROM pg_rewrite WHERE rulename <> '_RETURN') AS x ON x.of = s.oid
  WHERE x.enabled IN ('A', 'R') AND (s.oid = c.oid OR pg_partition_root(s.oid) = c.oid)`;

interface UniqueIndex {
  readonly isPrimary: boolean;
  /** Not deferrable. */
  readonly isImmediate: boolean;
  readonly columns: readonly string[];
}

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly TableColumn[] | null;
  readonly keys: readonly UniqueIndex[] | null;
  readonly always: readonly AlwaysOn[] | null;
}

/** Reads the tables and sequences of the schemas that are rolled back. */
export async function readCatalogue(
  client: PostgresClient,
  schemas: readonly string[] | undefined,
): Promise<Catalogue> {
  const { rows } = await client.query<{ readonly found: Found }>(
    `${BASE_TYPE} SELECT json_build_object(
      'tables', (SELECT json_agg(json_build_object('oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname,
          'kind', c.relkind, 'columns', (${COLUMNS}), 'keys', (${KEYS}), 'always', (${ALWAYS_ON})) ORDER BY n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND ${inSchemas(schemas)}),
      'stores', (SELECT json_agg(json_build_object('root', ${ROOT}, 'name', format('%I.%I', n.nspname, c.relname), 'isOwned', ${MAY_ALTER}) ORDER BY n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${inSchemas(schemas)}),
      'sequences', (SELECT json_agg(format('%I.%I', n.nspname, c.relname) ORDER BY n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${inSchemas(schemas)}),
      'cached', (SELECT json_agg(json_build_object('name', format('%I.%I', n.nspname, c.relname), 'isOwned', ${MAY_ALTER}))
        FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE q.seqcache > 1 AND c.relpersistence <> 't' AND ${inSchemas(schemas)}),
      'others', (SELECT json_agg(DISTINCT CASE c.relkind WHEN 'm' THEN 'materialised views' ELSE 'foreign tables' END)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('m', 'f') AND ${inSchemas(schemas)})) AS found`,
  );
  return toCatalogue(rows[0]?.found);
}

/** SQL makes no empty lists. */
function listed<T>(found: readonly T[] | null | undefined): readonly T[] {
  return found ?? [];
}

function toCatalogue(found: Found | undefined): Catalogue {
  const stores = new Map<number, readonly Store[]>();
  for (const { root, ...store } of listed(found?.stores)) {
    stores.set(root, [...(stores.get(root) ?? []), store]);
  }
  return {
    tables: listed(found?.tables).map(toTable),
    storesOf: ({ oid }) => stores.get(oid) ?? [],
    sequences: listed(found?.sequences),
    cachedSequences: listed(found?.cached),
    notRestored: listed(found?.others),
  };
}

interface Found {
  readonly tables: readonly TableRow[] | null;
  readonly stores: readonly (Store & { readonly root: number })[] | null;
  readonly sequences: readonly string[] | null;
  readonly cached: readonly Store[] | null;
  readonly others: readonly string[] | null;
}

function toTable({ oid, schema, name, kind, columns, keys, always }: TableRow, id: number): Table {
  const unique = listed(keys);
  // Inside a transaction two rows may have the same values of a deferrable key.
  const key = unique.find(({ isImmediate }) => isImmediate);
  return {
    id,
    oid,
    schema,
    name,
    isPartitioned: kind === "p",
    columns: listed(columns),
    primaryKey: unique.find(({ isPrimary }) => isPrimary)?.columns ?? [],
    key: key?.columns ?? [],
    alwaysOn: listed(always),
  };
}

/** The table's quoted name. */
export function tableName({ schema, name }: Pick<Table, "schema" | "name">): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** The quoted name, without tables that inherit from it. Partitions belong to their table. */
export function ownRows(table: Table): string {
  return `${table.isPartitioned ? "" : "ONLY "}${tableName(table)}`;
}

/** How a table is called in differences: with its schema, unless that is `public`. */
export function collectionName({ schema, name }: Pick<Table, "schema" | "name">): string {
  return schema === "public" ? name : `${schema}.${name}`;
}

const TIME_TYPES = [1082, 1083, 1114, 1184, 1266] as const;

/** What the schema says about a table's columns. */
export function describeColumns(table: Table, tables: readonly Table[]): readonly Column[] {
  const known = described.get(table) ?? description(table, tables);
  described.set(table, known);
  return known;
}

/** A table is described for every difference, and belongs to one catalogue. */
const described = new WeakMap<Table, readonly Column[]>();

function description(table: Table, tables: readonly Table[]): readonly Column[] {
  const [key, ...more] = table.primaryKey;
  return table.columns.map(({ name, type, isCounted, references }): Column => {
    const parent = references && tables.find(({ oid }) => oid === references.table);
    const isIdentity = isCounted || (more.length === 0 && key === name);
    const isTime = TIME_TYPES.some((time) => time === type);
    return {
      name,
      ...(isIdentity ? { role: "identity" } : isTime ? { role: "time" } : {}),
      ...(parent && {
        references: { collection: collectionName(parent), column: references.column },
      }),
    };
  });
}
