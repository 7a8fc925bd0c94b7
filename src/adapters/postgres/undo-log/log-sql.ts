import { quoteName, quoteText } from "../../sql/quote.ts";
import { quoteBody } from "./body.ts";
import type { Store, Table, TableColumn } from "../catalogue.ts";
import { OURS, tableName } from "../catalogue.ts";

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

/** Counts the times that a table was written anew without any trigger having been told. */
export const REWRITES = `${OURS}.rewrites`;
/** A setting of the connection that restores: what it writes is not logged. */
export const RESTORING = `${OURS}.restoring`;

/** What was written to a table. */
export function logOf({ id }: Table): string {
  return `${OURS}.log_${id}`;
}

/** The ways to checkpoints through a table: the rows that are (`had`) or are not there then. */
export function wayOf({ id }: Table): string {
  return `${OURS}.way_${id}`;
}

/** The first number of an object that does not come with the server. */
const FIRST_OWN_OBJECT = 16_384;

/** Whether a value is of a type that the app may drop, and with it every column of that type. */
function isOfOwnType({ type }: TableColumn): boolean {
  return type >= FIRST_OWN_OBJECT;
}

/** The ways with their values as the table has them; they are kept as texts where types may go. */
export function wayRows(table: Table): string {
  if (!table.columns.some(isOfOwnType)) return wayOf(table);
  const values = table.columns.map((column, i) =>
    isOfOwnType(column) ? `c${i}::${column.typeName} AS c${i}` : `c${i}`,
  );
  return `(SELECT node, had, ${values.join(", ")} FROM ${wayOf(table)})`;
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
    `CREATE SEQUENCE ${REWRITES}`,
    `SELECT nextval('${POSITION}'), nextval('${HORIZON}'), nextval('${CHANGES}'), nextval('${REWRITES}')`,
    ...(withEventTrigger
      ? [
          `CREATE FUNCTION ${OURS}.notice() RETURNS event_trigger ${BODY_OPTIONS} AS $explore$ BEGIN
             PERFORM nextval('${CHANGES}'); END $explore$`,
          `CREATE EVENT TRIGGER ${OURS}_notice ON ddl_command_end EXECUTE FUNCTION ${OURS}.notice()`,
          `CREATE EVENT TRIGGER ${OURS}_notice_drop ON sql_drop EXECUTE FUNCTION ${OURS}.notice()`,
          // Types stay the same where values are computed anew: ALTER COLUMN … TYPE text USING ….
          `CREATE FUNCTION ${OURS}.notice_rewrite() RETURNS event_trigger ${BODY_OPTIONS} AS $explore$ BEGIN
             PERFORM nextval('${REWRITES}'); END $explore$`,
          `CREATE EVENT TRIGGER ${OURS}_notice_rewrite ON table_rewrite EXECUTE FUNCTION ${OURS}.notice_rewrite()`,
        ]
      : []),
  ];
}

/** Triggers run as we, since the app's user has no right to our schema. */
const BODY_OPTIONS = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp";

/**
 * Whether a version is older than the last checkpoint or rollback. Rows know 32 of the 64 bits of a
 * transaction number, so that the difference counts; subtransactions have later numbers than the
 * transaction they are in. A version from further ahead than that is one from long ago.
 */
function isOlder(xmin: string): string {
  const horizon = `pg_sequence_last_value('${HORIZON}')`;
  const ahead = `((${xmin}::text::bigint - ${horizon} + 2147483648) & 4294967295) - 2147483648`;
  return `(${ahead} NOT BETWEEN 0 AND greatest(txid_current() - ${horizon}, 0) + 1073741824)`;
}

const NOW = `pg_sequence_last_value('${POSITION}')`;

/** How the log of a table is made. */
export interface LogPlan {
  /** What holds the rows of the table. */
  readonly stores: readonly Store[];
  /** Whether it outlives a crash of the server. */
  readonly isLasting: boolean;
}

/** The log of one table and the triggers that fill it. */
export function createLog(table: Table, { stores, isLasting }: LogPlan): readonly string[] {
  const columns = table.columns.map(({ name, typeName, isDomain }, index) => {
    // A domain may forbid the NULLs of a log.
    const value = isDomain ? `${quoteName(name)}::${typeName}` : quoteName(name);
    return `, ${value} AS c${index}`;
  });
  const texts = table.columns.map((column, index) =>
    isOfOwnType(column) ? `, ${quoteName(column.name)}::text AS c${index}` : columns[index],
  );
  const [log, way] = [logOf(table), wayOf(table)];
  const like = (first: string, values: readonly (string | undefined)[]): string =>
    `AS SELECT NULL::bigint AS ${first}, NULL::boolean AS had${values.join("")} FROM ${tableName(table)} WITH NO DATA`;
  const kind = isLasting ? "TABLE" : "UNLOGGED TABLE";
  const logRow = table.key.length > 0 ? logKeyed(table) : logKeyless(table);
  const isNotOurs = `WHEN (current_setting('${RESTORING}', true) IS DISTINCT FROM 'on')`;
  return [
    `CREATE ${kind} ${log} ${like("at", columns)}`,
    `CREATE INDEX ON ${log}(at)`,
    `CREATE ${kind} ${way} ${like("node", texts)}`,
    `CREATE INDEX ON ${way}(node)`,
    `CREATE FUNCTION ${OURS}.log_row_${table.id}() RETURNS trigger ${BODY_OPTIONS} AS ${quoteBody(`BEGIN ${logRow} RETURN NULL; END`)}`,
    `CREATE TRIGGER ${ROW_TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON ${tableName(table)} FOR EACH ROW ${isNotOurs} EXECUTE FUNCTION ${OURS}.log_row_${table.id}()`,
    `CREATE FUNCTION ${OURS}.log_all_${table.id}() RETURNS trigger ${BODY_OPTIONS} AS ${quoteBody(`BEGIN ${logAll(table)} RETURN NULL; END`)}`,
    // A partition can be emptied on its own, so the trigger is on those that hold rows.
    ...stores.flatMap(({ name, isOwned }) => [
      `CREATE TRIGGER ${TRUNCATE_TRIGGER} BEFORE TRUNCATE ON ${name} FOR EACH STATEMENT ${isNotOurs} EXECUTE FUNCTION ${OURS}.log_all_${table.id}()`,
      // So that they fire for replicas too, and do not look the same after they were off for a while.
      ...(isOwned
        ? [
            `ALTER TABLE ONLY ${name} ENABLE ALWAYS TRIGGER ${ROW_TRIGGER}, ENABLE ALWAYS TRIGGER ${TRUNCATE_TRIGGER}`,
          ]
        : []),
    ]),
  ];
}

const ROW_TRIGGER = `${OURS}_row`;
const TRUNCATE_TRIGGER = `${OURS}_truncate`;

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
    USING HINT = 'Give the table a primary key that is not deferrable, or set isolation: "template".'; END IF;`;

/** Before `TRUNCATE`, which fires no row triggers. */
function logAll(table: Table): string {
  const names = table.columns.map(({ name }) => `, ${quoteName(name)}`.replaceAll("%", "%%"));
  const older = table.key.length > 0 ? ` WHERE ${isOlder("xmin")}` : "";
  const sql = `INSERT INTO ${logOf(table)} SELECT ${NOW}, true${names.join("")} FROM ONLY %s${older}`;
  return `${table.key.length > 0 ? "" : REFUSE_OLD_SNAPSHOT} EXECUTE format(${quoteText(sql)}, TG_RELID::regclass);`;
}
