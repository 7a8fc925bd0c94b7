import { quoteText } from "../sql/quote.ts";
import type { Catalogue } from "./catalogue.ts";
import { OURS } from "./catalogue.ts";
import { CHANGES, createBasics, createLog, HORIZON, POSITION, wayOf } from "./log-sql.ts";
import { restoreSql } from "./restore-sql.ts";

/** How the log is installed. */
export interface InstallPlan {
  readonly catalogue: Catalogue;
  /** Quoted names of what holds the rows of a table, by the table's id. */
  readonly storesOf: ReadonlyMap<number, readonly string[]>;
  /** A query of the lines that describe the schema. */
  readonly shape: string;
  /** Quoted names of the schemas that operators are found in: those of extensions like `citext`. */
  readonly path: string;
  readonly withEventTrigger: boolean;
  readonly withPreparedTransactions: boolean;
  /** Whether only this session writes, inside one transaction. */
  readonly isSession: boolean;
}

/** All statements that install log and verbs; they must run in one transaction. */
export function installSql(plan: InstallPlan): string {
  const { catalogue, storesOf, withEventTrigger } = plan;
  return [
    ...createBasics(withEventTrigger),
    ...catalogue.tables.flatMap((table) => createLog(table, storesOf.get(table.id) ?? [])),
    `CREATE FUNCTION ${OURS}.shape() RETURNS SETOF text LANGUAGE sql SET search_path = pg_catalog AS $explore$ ${plan.shape} $explore$`,
    createSchemaVersion(withEventTrigger),
    createProblem(plan),
    createCounters(catalogue.sequences),
    createSave(plan),
    createTravel(plan),
    createChanges(plan),
    createForget(plan),
  ].join(";\n");
}

/** A number that is another one after a schema change. */
function createSchemaVersion(withEventTrigger: boolean): string {
  const value = withEventTrigger
    ? `SELECT last_value FROM ${CHANGES}`
    : `SELECT hashtextextended(string_agg(line, chr(10) ORDER BY line), 0) FROM ${OURS}.shape() AS line`;
  return `CREATE FUNCTION ${OURS}.schema_version() RETURNS bigint LANGUAGE sql AS $explore$ ${value} $explore$`;
}

/** What keeps a verb from being run now: `NULL`, `schema` or, as JSON, the open transactions. */
function createProblem({ isSession, withPreparedTransactions }: InstallPlan): string {
  // The function and not the view: joining names of users and databases costs more than the list.
  const open = `FROM pg_stat_get_activity(NULL) AS a WHERE a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL AND a.backend_type = 'client backend'`;
  const prepared = "FROM pg_prepared_xacts AS p WHERE p.database = current_database()";
  const check = `
    IF EXISTS (SELECT ${open}) THEN
      RETURN (SELECT json_agg(json_build_object('pid', a.pid, 'state', a.state, 'query', left(a.query, 500), 'application', a.application_name)) ${open});
    END IF;
    ${
      withPreparedTransactions
        ? `IF EXISTS (SELECT ${prepared}) THEN
      RETURN (SELECT json_agg(json_build_object('pid', 0, 'state', 'prepared', 'query', 'PREPARE TRANSACTION ' || quote_literal(p.gid), 'application', p.owner)) ${prepared});
    END IF;`
        : ""
    }`;
  return `CREATE FUNCTION ${OURS}.problem(version bigint) RETURNS text LANGUAGE plpgsql AS $explore$ BEGIN
    ${isSession ? "" : check}
    IF ${OURS}.schema_version() <> version THEN RETURN 'schema'; END IF;
    RETURN NULL; END $explore$`;
}

function createCounters(sequences: readonly string[]): string {
  const each = sequences.map(
    (name, i) => `SELECT ${i} AS nth, last_value AS v, is_called AS c FROM ${name}`,
  );
  const all =
    each.length === 0
      ? "SELECT 0 AS nth, 0::bigint AS v, false AS c WHERE false"
      : each.join(" UNION ALL ");
  const names = `ARRAY[${sequences.map(quoteText).join(", ")}]::text[]`;
  return `CREATE FUNCTION ${OURS}.counters(OUT last bigint[], OUT called boolean[]) LANGUAGE plpgsql AS $explore$ BEGIN
      SELECT array_agg(v ORDER BY nth), array_agg(c ORDER BY nth) INTO last, called FROM (${all}) AS s; END $explore$;
    CREATE FUNCTION ${OURS}.count_from(wanted bigint[], wanted_called boolean[]) RETURNS void LANGUAGE plpgsql AS $explore$
      DECLARE is_last bigint[]; is_called_ boolean[]; names text[] := ${names};
      BEGIN
        SELECT last, called INTO is_last, is_called_ FROM ${OURS}.counters();
        FOR i IN 1 .. coalesce(array_length(names, 1), 0) LOOP
          IF is_last[i] <> wanted[i] OR is_called_[i] <> wanted_called[i] THEN
            PERFORM setval(names[i]::regclass, wanted[i], wanted_called[i]);
          END IF;
        END LOOP;
      END $explore$`;
}

/** The horizon after a checkpoint: no version that exists now is as young. */
const NEXT_TRANSACTION = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
const AFTER_THIS_TRANSACTION = "pg_current_xact_id()::text::bigint + 1";

function createSave({ catalogue, isSession, path }: InstallPlan): string {
  const keeps = isSession ? [] : catalogue.tables.map((table) => restoreSql(table).keep);
  // Inside one transaction only a row of our own tells the number of the part that begins now.
  const horizon = isSession
    ? `(SELECT mark.number FROM ${OURS}.mark() AS mark(number))`
    : NEXT_TRANSACTION;
  const mark = `CREATE TABLE ${OURS}.marks();
    CREATE FUNCTION ${OURS}.mark() RETURNS bigint LANGUAGE plpgsql AS $explore$ DECLARE x xid; BEGIN
      INSERT INTO ${OURS}.marks DEFAULT VALUES RETURNING xmin INTO x;
      DELETE FROM ${OURS}.marks;
      RETURN pg_current_xact_id()::text::bigint - age(x); END $explore$;`;
  return `${isSession ? mark : ""}CREATE FUNCTION ${OURS}.save(since bigint, node bigint, version bigint,
      OUT problem text, OUT place bigint, OUT touched integer[], OUT last bigint[], OUT called boolean[])
    LANGUAGE plpgsql SET search_path = ${path} AS $explore$ #variable_conflict use_variable
    BEGIN
      problem := ${OURS}.problem(version);
      IF problem IS NOT NULL THEN RETURN; END IF;
      touched := '{}';
      ${keeps.join("")}
      SELECT c.last, c.called INTO last, called FROM ${OURS}.counters() AS c;
      place := nextval('${POSITION}');
      PERFORM setval('${HORIZON}', ${horizon});
    END $explore$`;
}

function createTravel({ catalogue, path }: InstallPlan): string {
  const sql = catalogue.tables.map(restoreSql);
  return `CREATE FUNCTION ${OURS}.travel(since bigint, nodes bigint[], version bigint, last bigint[], called boolean[],
      OUT problem text, OUT places bigint[])
    LANGUAGE plpgsql SET search_path = ${path} AS $explore$ #variable_conflict use_variable
    DECLARE node_ bigint; here bigint;
    BEGIN
      problem := ${OURS}.problem(version);
      IF problem IS NOT NULL THEN RETURN; END IF;
      ${sql.map(({ undo }) => undo).join("")}
      here := nextval('${POSITION}');
      places := ARRAY[here];
      FOREACH node_ IN ARRAY nodes LOOP
        ${sql.map(({ redo }) => redo).join("")}
        here := nextval('${POSITION}');
        places := places || here;
      END LOOP;
      PERFORM ${OURS}.count_from(last, called);
      PERFORM setval('${HORIZON}', ${AFTER_THIS_TRANSACTION});
    END $explore$`;
}

function createChanges({ catalogue, path }: InstallPlan): string {
  const blocks = catalogue.tables.map(
    (table) => `
      IF EXISTS (SELECT FROM ${OURS}.log_${table.id} WHERE at >= since) THEN
        RETURN QUERY SELECT ${table.id}, c.* FROM (${restoreSql(table).changes}) AS c;
      END IF;`,
  );
  return `CREATE FUNCTION ${OURS}.changes(since bigint, version bigint)
      RETURNS TABLE (of_table integer, was text[], is_now text[]) LANGUAGE plpgsql SET search_path = ${path} AS $explore$ #variable_conflict use_column
    BEGIN
      IF ${OURS}.schema_version() <> version THEN
        RETURN QUERY SELECT -1, NULL::text[], NULL::text[];
        RETURN;
      END IF;
      ${blocks.join("")}
    END $explore$`;
}

function createForget({ catalogue, path }: InstallPlan): string {
  const drop = catalogue.tables.map(
    (table) => `DELETE FROM ${wayOf(table)} AS w WHERE w.node = node_;`,
  );
  const merge = catalogue.tables.map((table) => restoreSql(table).merge);
  return `CREATE FUNCTION ${OURS}.drop_way(node_ bigint) RETURNS void LANGUAGE plpgsql AS $explore$ BEGIN ${drop.join("\n")} END $explore$;
    CREATE FUNCTION ${OURS}.merge_ways(node_ bigint, into_ bigint) RETURNS void LANGUAGE plpgsql SET search_path = ${path} AS $explore$ BEGIN ${merge.join("\n")} END $explore$`;
}
