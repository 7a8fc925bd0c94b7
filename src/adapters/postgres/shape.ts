import { inSchemas, OURS } from "./catalogue.ts";

/**
 * A query of lines that are the same exactly as long as the schema is: relations with their rights,
 * columns, constraints, policies, rules, triggers, functions and types. It reads only the catalogue.
 */
export function shapeSql(schemas: readonly string[] | undefined): string {
  const where = inSchemas(schemas);
  const relation = "JOIN pg_class c ON c.oid =";
  const inSchema = `JOIN pg_namespace n ON n.oid = c.relnamespace AND ${where}`;
  return `
    SELECT format('schema %I %s', n.nspname, n.nspacl) FROM pg_namespace n WHERE ${where}
    UNION ALL
    SELECT format('%s %I.%I%s%s%s', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'table' END,
        n.nspname, c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN ' ' || pg_get_viewdef(c.oid) END,
        concat(CASE WHEN c.relrowsecurity THEN ' with row security' END, CASE WHEN c.relforcerowsecurity THEN ' for its owner too' END, CASE WHEN c.relpersistence = 'u' THEN ' unlogged' END),
        concat(' ' || pg_get_expr(c.relpartbound, c.oid), ' of ' || pg_get_userbyid(c.relowner), ' for ' || c.relacl::text))
      FROM pg_class c ${inSchema} WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f', 'c')
    UNION ALL
    SELECT format('inheritance %s of %s', h.inhrelid::regclass, h.inhparent::regclass) FROM pg_inherits h ${relation} h.inhrelid AND c.relkind IN ('r', 'p', 'f') ${inSchema}
    UNION ALL
    SELECT format('sequence %I.%I %s %s', n.nspname, c.relname, format_type(q.seqtypid, NULL), concat_ws(' ', q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcycle))
      FROM pg_sequence q ${relation} q.seqrelid ${inSchema}
    UNION ALL
    SELECT format('policy %I.%I.%I %s %s USING %s CHECK %s', n.nspname, c.relname, p.polname, p.polcmd, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
      FROM pg_policy p ${relation} p.polrelid ${inSchema}
    UNION ALL
    SELECT format('rule %s %s', pg_get_ruledef(r.oid), r.ev_enabled) FROM pg_rewrite r ${relation} r.ev_class ${inSchema} WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT format('column %I.%I.%I %s%s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' END, CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attribute a ${relation} a.attrelid AND c.relkind IN ('r', 'p', 'c') ${inSchema}
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT format('constraint %I.%I.%I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
      FROM pg_constraint k ${relation} k.conrelid ${inSchema}
    UNION ALL
    SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i ${relation} i.indrelid ${inSchema}
    UNION ALL
    SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t ${relation} t.tgrelid ${inSchema} WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('type constraint %I.%I %s', n.nspname, t.typname, pg_get_constraintdef(k.oid))
      FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace AND ${where}
    UNION ALL
    SELECT format('type %I.%I %s %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod), concat_ws(' ', t.typnotnull, t.typdefault))
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND ${where} WHERE t.typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT format('function %I.%I(%s) %s %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), md5(coalesce(p.prosrc, '')),
        concat_ws(' ', pg_get_function_result(p.oid), p.provolatile, p.prosecdef, p.proconfig::text, p.proacl::text))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${where}
    UNION ALL
    SELECT format('value %I.%I %L', n.nspname, t.typname, e.enumlabel)
      FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace AND ${where}`;
}

/** The same without what we installed, so that it can be compared with another database's. */
export function foreignShapeSql(schemas: readonly string[] | undefined): string {
  // Materialised, or the condition is asked of every index of the catalogue before the join.
  return `WITH shape(line) AS MATERIALIZED (${shapeSql(schemas)}) SELECT line FROM shape WHERE line NOT LIKE 'trigger%${OURS}.log\\_%' ORDER BY line`;
}
