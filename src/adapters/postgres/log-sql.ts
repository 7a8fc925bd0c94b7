import { quoteName, quoteText } from "../sql/quote.ts";
import type { Table } from "./catalogue.ts";
import { OURS, tableName } from "./catalogue.ts";

/**
 * How writes are logged.
 *
 * Time is a number, the *position*: a sequence that every checkpoint and rollback moves on. A row of
 * a log says that after position `at` a row version was replaced (`had`) or a key came to be
 * (`NOT had`). A version is logged only if it is older than the *horizon*, the transaction number at
 * the last checkpoint or rollback: a younger one did not exist there. So each row is logged at most
 * once between two checkpoints, and the order in which triggers fire does not matter.
 *
 * Tables without a key log every version that came or went; what is left of them after counting is
 * the difference.
 */
export const POSITION = `${OURS}.position`;
export const HORIZON = `${OURS}.horizon`;
/** Moves on at every schema change, also at one that is rolled back. */
export const CHANGES = `${OURS}.changes_of_schema`;

/** What was written to a table. */
export function logOf({ id }: Table): string {
  return `${OURS}.log_${id}`;
}

/** The ways to checkpoints through a table: the rows that are (`had`) or are not there then. */
export function wayOf({ id }: Table): string {
  return `${OURS}.way_${id}`;
}

/** The log's columns that hold the table's columns, or only some of them. */
export function slots(table: Table, names?: readonly string[]): readonly string[] {
  const all = table.columns.map((_, index) => `c${index}`);
  if (names === undefined) return all;
  return names.map((name) => `c${table.columns.findIndex((column) => column.name === name)}`);
}

/** The sequences and, where the user may have one, the trigger that notices schema changes. */
export function createBasics(withEventTrigger: boolean): readonly string[] {
  return [
    `CREATE SCHEMA ${OURS}`,
    `CREATE SEQUENCE ${POSITION}`,
    `CREATE SEQUENCE ${HORIZON}`,
    `CREATE SEQUENCE ${CHANGES}`,
    `SELECT nextval('${POSITION}'), nextval('${HORIZON}'), nextval('${CHANGES}')`,
    ...(withEventTrigger
      ? [
          `CREATE FUNCTION ${OURS}.notice() RETURNS event_trigger ${BODY_OPTIONS} AS $explore$ BEGIN
             PERFORM nextval('${CHANGES}'); END $explore$`,
          `CREATE EVENT TRIGGER ${OURS}_notice ON ddl_command_end EXECUTE FUNCTION ${OURS}.notice()`,
          `CREATE EVENT TRIGGER ${OURS}_notice_drop ON sql_drop EXECUTE FUNCTION ${OURS}.notice()`,
        ]
      : []),
  ];
}

/** Triggers run as we, since the app's user has no right to our schema. */
const BODY_OPTIONS = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp";

/** Whether a version is older than the last checkpoint or rollback. */
function isOlder(xmin: string): string {
  return `pg_current_xact_id()::text::bigint - age(${xmin}) < pg_sequence_last_value('${HORIZON}')`;
}

const NOW = `pg_sequence_last_value('${POSITION}')`;

/** The log of one table and the triggers that fill it. */
export function createLog(table: Table, stores: readonly string[]): readonly string[] {
  const columns = table.columns.map(({ name, typeName, isDomain }, index) => {
    // A domain may forbid the NULLs of a log.
    const value = isDomain ? `${quoteName(name)}::${typeName}` : quoteName(name);
    return `, ${value} AS c${index}`;
  });
  const [log, way] = [logOf(table), wayOf(table)];
  const like = (first: string): string =>
    `AS SELECT NULL::bigint AS ${first}, NULL::boolean AS had${columns.join("")} FROM ${tableName(table)} WITH NO DATA`;
  return [
    // Unlogged: what a crash of the server leaves is not worth repairing.
    `CREATE UNLOGGED TABLE ${log} ${like("at")}`,
    `CREATE INDEX ON ${log}(at)`,
    `CREATE UNLOGGED TABLE ${way} ${like("node")}`,
    `CREATE INDEX ON ${way}(node)`,
    `CREATE FUNCTION ${OURS}.log_row_${table.id}() RETURNS trigger ${BODY_OPTIONS} AS $explore$ BEGIN ${
      table.key.length > 0 ? logKeyed(table) : logKeyless(table)
    } RETURN NULL; END $explore$`,
    `CREATE TRIGGER ${OURS}_row AFTER INSERT OR UPDATE OR DELETE ON ${tableName(table)} FOR EACH ROW EXECUTE FUNCTION ${OURS}.log_row_${table.id}()`,
    `CREATE FUNCTION ${OURS}.log_all_${table.id}() RETURNS trigger ${BODY_OPTIONS} AS $explore$ BEGIN ${logAll(table)} RETURN NULL; END $explore$`,
    // A partition can be emptied on its own, so the trigger is on those that hold rows.
    ...stores.map(
      (store) =>
        `CREATE TRIGGER ${OURS}_truncate BEFORE TRUNCATE ON ${store} FOR EACH STATEMENT EXECUTE FUNCTION ${OURS}.log_all_${table.id}()`,
    ),
  ];
}

function row(table: Table, record: string): string {
  return table.columns.map(({ name }) => `, ${record}.${quoteName(name)}`).join("");
}

function logKeyed(table: Table): string {
  const log = logOf(table);
  const key = (record: string): string =>
    table.key.map((name) => `${record}.${quoteName(name)}`).join(", ");
  return `
    IF TG_OP <> 'INSERT' THEN
      IF ${isOlder("OLD.xmin")} THEN INSERT INTO ${log} VALUES (${NOW}, true${row(table, "OLD")}); END IF;
      IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
      IF ROW(${key("OLD")})::text = ROW(${key("NEW")})::text THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO ${log}(at, had, ${slots(table, table.key).join(", ")}) VALUES (${NOW}, false, ${key("NEW")});`;
}

function logKeyless(table: Table): string {
  const log = logOf(table);
  return `
    IF TG_OP <> 'INSERT' THEN INSERT INTO ${log} VALUES (${NOW}, true${row(table, "OLD")}); END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO ${log} VALUES (${NOW}, false${row(table, "NEW")}); END IF;`;
}

/**
 * A transaction that goes on seeing what it saw at first does not see all rows that it truncates.
 * With a key those are known from when they were inserted; without one they would be miscounted.
 */
const REFUSE_OLD_SNAPSHOT = `IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
  RAISE EXCEPTION 'vitest-explore: TRUNCATE of %, which has no key, cannot be undone in a % transaction', TG_RELID::regclass, current_setting('transaction_isolation')
    USING HINT = 'Give the table a primary key, or set isolation: "template".'; END IF;`;

/** Before `TRUNCATE`, which fires no row triggers. */
function logAll(table: Table): string {
  const names = table.columns.map(({ name }) => `, ${quoteName(name)}`).join("");
  const older = table.key.length > 0 ? ` WHERE ${isOlder("xmin")}` : "";
  const sql = `INSERT INTO ${logOf(table)} SELECT ${NOW}, true${names} FROM ONLY %s${older}`;
  return `${table.key.length > 0 ? "" : REFUSE_OLD_SNAPSHOT} EXECUTE format(${quoteText(sql)}, TG_RELID::regclass);`;
}
