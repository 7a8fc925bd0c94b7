import { quoteText } from "../../sql/quote.ts";
import { quoteBody } from "./body.ts";
import type { Catalogue } from "../catalogue.ts";
import { OURS } from "../catalogue.ts";
import {
  CHANGES,
  createBasics,
  createLog,
  HORIZON,
  logOf,
  POSITION,
  REWRITES,
  wayOf,
} from "./log-sql.ts";
import { isUsed, restoreSql } from "./restore-sql.ts";

/** How the log is installed. */
export interface InstallPlan {
  readonly catalogue: Catalogue;
  /** A query of the lines that describe the schema. */
  readonly shape: string;
  /** Quoted names of the schemas that operators are found in: those of extensions like `citext`. */
  readonly path: string;
  readonly withEventTrigger: boolean;
  readonly withPreparedTransactions: boolean;
  /** Whether the user may see what connections of other users do. */
  readonly seesOthers: boolean;
  /** Whether the log outlives a crash of the server. */
  readonly isLasting: boolean;
  /** Whether only this session writes, inside one transaction. */
  readonly isSession: boolean;
}

/** All statements that install log and verbs; they must run in one transaction. */
export function installSql(plan: InstallPlan): string {
  const { catalogue, withEventTrigger, isLasting } = plan;
  return [
    ...createBasics(withEventTrigger),
    ...catalogue.tables.flatMap((table) =>
      createLog(table, { stores: catalogue.storesOf(table), isLasting }),
    ),
    createFunction("shape() RETURNS SETOF text LANGUAGE sql", {
      path: "pg_catalog",
      body: withEventTrigger ? `${plan.shape} UNION ALL ${REWRITTEN}` : plan.shape,
    }),
    createSchemaVersion(withEventTrigger),
    createProblem(plan),
    ...createCounters(catalogue.sequences),
    ...createSave(plan),
    createTravel(plan),
    createChanges(plan),
    ...createForget(plan),
  ].join(";\n");
}

/** What no description of the schema shows: the values of a column were computed anew. */
const REWRITTEN = `SELECT 'tables rewritten ' || last_value FROM ${REWRITES}`;

function createFunction(
  head: string,
  { path, body }: { readonly path?: string; readonly body: string },
): string {
  const search = path === undefined ? "" : ` SET search_path = ${path}`;
  return `CREATE FUNCTION ${OURS}.${head}${search} AS ${quoteBody(body)}`;
}

/** A number that is another one after a schema change. */
function createSchemaVersion(withEventTrigger: boolean): string {
  const body = withEventTrigger
    ? `SELECT last_value FROM ${CHANGES}`
    : `SELECT hashtextextended(string_agg(line, chr(10) ORDER BY line), 0) FROM ${OURS}.shape() AS line`;
  return createFunction("schema_version() RETURNS bigint LANGUAGE sql", { body });
}

/** The transactions that are open. The function and not the view, which joins names of users. */
function openTransactions(seesOthers: boolean): string {
  const database = "(SELECT oid FROM pg_database WHERE datname = current_database())";
  const others = `a.datid = ${database} AND a.pid <> pg_backend_pid()`;
  if (seesOthers) {
    return `FROM pg_stat_get_activity(NULL) AS a WHERE ${others} AND a.xact_start IS NOT NULL AND a.backend_type = 'client backend'`;
  }
  // What other users do is hidden, their locks are not: every transaction has one on itself.
  return `FROM pg_locks AS l JOIN pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
    WHERE ${others} AND l.locktype = 'virtualxid' AND l.granted AND a.usesysid IS NOT NULL`;
}

/** What keeps a verb from being run now: `NULL`, `schema` or, as JSON, the open transactions. */
function createProblem(plan: InstallPlan): string {
  const open = openTransactions(plan.seesOthers);
  const prepared = "FROM pg_prepared_xacts AS p WHERE p.database = current_database()";
  const checkPrepared = `
    IF EXISTS (SELECT ${prepared}) THEN
      RETURN (SELECT json_agg(json_build_object('pid', 0, 'state', 'prepared', 'query', 'PREPARE TRANSACTION ' || quote_literal(p.gid), 'application', p.owner)) ${prepared});
    END IF;`;
  const check = `
    IF EXISTS (SELECT ${open}) THEN
      RETURN (SELECT json_agg(json_build_object('pid', a.pid, 'state', coalesce(a.state, 'in a transaction'), 'query', left(coalesce(a.query, ''), 500), 'application', coalesce(a.application_name, ''))) ${open});
    END IF;
    ${plan.withPreparedTransactions ? checkPrepared : ""}`;
  return createFunction("problem(version bigint) RETURNS text LANGUAGE plpgsql", {
    body: `BEGIN
      ${plan.isSession ? "" : check}
      IF ${OURS}.schema_version() <> version THEN RETURN 'schema'; END IF;
      RETURN NULL; END`,
  });
}

function createCounters(sequences: readonly string[]): readonly string[] {
  const each = sequences.map(
    (name, i) => `SELECT ${i} AS nth, last_value AS v, is_called AS c FROM ${name}`,
  );
  const all =
    each.length === 0
      ? "SELECT 0 AS nth, 0::bigint AS v, false AS c WHERE false"
      : each.join(" UNION ALL ");
  const names = `ARRAY[${sequences.map(quoteText).join(", ")}]::text[]`;
  return [
    createFunction("counters(OUT last bigint[], OUT called boolean[]) LANGUAGE plpgsql", {
      body: `BEGIN
        SELECT array_agg(v ORDER BY nth), array_agg(c ORDER BY nth) INTO last, called FROM (${all}) AS s; END`,
    }),
    createFunction(
      "count_from(wanted bigint[], wanted_called boolean[]) RETURNS void LANGUAGE plpgsql",
      {
        body: `DECLARE is_last bigint[]; is_called_ boolean[]; names text[] := ${names};
        BEGIN
          SELECT last, called INTO is_last, is_called_ FROM ${OURS}.counters();
          FOR i IN 1 .. coalesce(array_length(names, 1), 0) LOOP
            IF is_last[i] <> wanted[i] OR is_called_[i] <> wanted_called[i] THEN
              PERFORM setval(names[i]::regclass, wanted[i], wanted_called[i]);
            END IF;
          END LOOP;
        END`,
      },
    ),
  ];
}

/** The horizon after a checkpoint: no version that exists now is as young. */
const NEXT_TRANSACTION = "txid_snapshot_xmax(txid_current_snapshot())";
const AFTER_THIS_TRANSACTION = "txid_current() + 1";

/** Inside one transaction only a row of our own tells the number of the part that begins now. */
const MARK = [
  `CREATE TABLE ${OURS}.marks()`,
  createFunction("mark() RETURNS bigint LANGUAGE plpgsql", {
    body: `DECLARE x xid; BEGIN
      INSERT INTO ${OURS}.marks DEFAULT VALUES RETURNING xmin INTO x;
      DELETE FROM ${OURS}.marks;
      RETURN txid_current() + ((x::text::bigint - txid_current()) & 4294967295); END`,
  }),
];

function createSave({ catalogue, isSession, path }: InstallPlan): readonly string[] {
  const keeps = isSession ? [] : catalogue.tables.map((table) => restoreSql(table).keep);
  const horizon = isSession ? `${OURS}.mark()` : NEXT_TRANSACTION;
  return [
    ...(isSession ? MARK : []),
    createFunction(
      `save(since bigint, node bigint, version bigint,
        OUT problem text, OUT place bigint, OUT touched integer[], OUT last bigint[], OUT called boolean[]) LANGUAGE plpgsql`,
      {
        path,
        body: `#variable_conflict use_variable
        BEGIN
          problem := ${OURS}.problem(version);
          IF problem IS NOT NULL THEN RETURN; END IF;
          touched := '{}';
          ${keeps.join("")}
          SELECT c.last, c.called INTO last, called FROM ${OURS}.counters() AS c;
          place := nextval('${POSITION}');
          PERFORM setval('${HORIZON}', ${horizon});
        END`,
      },
    ),
  ];
}

function createTravel({ catalogue, path }: InstallPlan): string {
  const sql = catalogue.tables.map(restoreSql);
  return createFunction(
    `travel(since bigint, nodes bigint[], version bigint, last bigint[], called boolean[],
      OUT problem text, OUT places bigint[]) LANGUAGE plpgsql`,
    {
      path,
      body: `#variable_conflict use_variable
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
      END`,
    },
  );
}

function createChanges({ catalogue, path }: InstallPlan): string {
  const blocks = catalogue.tables.map(
    (table) => `
      IF ${isUsed(logOf(table))} THEN IF EXISTS (SELECT FROM ${logOf(table)} WHERE at >= since) THEN
        RETURN QUERY SELECT ${table.id}, c.* FROM (${restoreSql(table).changes}) AS c;
      END IF; END IF;`,
  );
  return createFunction(
    "changes(since bigint, version bigint) RETURNS TABLE (of_table integer, was text[], is_now text[]) LANGUAGE plpgsql",
    {
      path,
      body: `#variable_conflict use_column
      BEGIN
        IF ${OURS}.schema_version() <> version THEN
          RETURN QUERY SELECT -1, NULL::text[], NULL::text[];
          RETURN;
        END IF;
        ${blocks.join("")}
      END`,
    },
  );
}

function createForget({ catalogue, path }: InstallPlan): readonly string[] {
  const drop = catalogue.tables.map(
    (table) => `DELETE FROM ${wayOf(table)} AS w WHERE w.node = node_;`,
  );
  const merge = catalogue.tables.map((table) => restoreSql(table).merge);
  return [
    createFunction("drop_way(node_ bigint) RETURNS void LANGUAGE plpgsql", {
      body: `BEGIN ${drop.join("\n")} END`,
    }),
    createFunction("merge_ways(node_ bigint, into_ bigint) RETURNS void LANGUAGE plpgsql", {
      path,
      body: `BEGIN ${merge.join("\n")} END`,
    }),
  ];
}
