import { logCascades, MAX_STATEMENTS } from "./cascades.ts";
import type { Catalogue, Table } from "../catalogue.ts";
import { HIDDEN_KEY, tableName } from "../catalogue.ts";
import { nameList, quoteName } from "../quote.ts";
import type { Space } from "../space.ts";
import { freshOf, logOf, slots, wayOf } from "../space.ts";

/*
 * How writes are logged.
 *
 * Triggers append to a table of fresh versions: the old version of a row (`had`), or a key that came
 * to be (`NOT had`), with a number that only grows. Every verb moves the oldest version of each key
 * from there to the log, with the number of the verb as position `at`. Only then are the app's
 * tables written: a statement may not read a table that its own triggers write to.
 */

/** Switches triggers off in our own session; there is no other way. */
export const OFF = "@explore_off";

/** The log of one table. */
export function createLog(space: Space, table: Table): readonly string[] {
  const columns = table.columns.map(({ type }, i) => `c${i} ${type} NULL DEFAULT NULL`).join(", ");
  // What the app's engine does not take back is not taken back from the log either.
  const options = `ENGINE = ${table.isTransactional ? "InnoDB" : "MyISAM"} DEFAULT CHARACTER SET utf8mb4`;
  const fixed = table.isTransactional ? "InnoDB" : "MyISAM";
  return [
    `CREATE TABLE ${freshOf(space, table)} (seq BIGINT UNSIGNED NOT NULL PRIMARY KEY, had BOOLEAN NOT NULL, ${columns}) ${options}`,
    `CREATE TABLE ${logOf(space, table)} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, at BIGINT NOT NULL, had BOOLEAN NOT NULL, ${columns}, KEY (at)) ENGINE = ${fixed} DEFAULT CHARACTER SET utf8mb4`,
    `CREATE TABLE ${wayOf(space, table)} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, node BIGINT NOT NULL, had BOOLEAN NOT NULL, ${columns}, KEY (node)) ENGINE = ${fixed} DEFAULT CHARACTER SET utf8mb4`,
  ];
}

/** Gives a table a key that the app does not see. */
export function addHiddenKey(space: Space, { name }: Pick<Table, "name">): readonly string[] {
  const table = tableName(space.of, name);
  return [
    `ALTER TABLE ${table} ADD COLUMN ${HIDDEN_KEY} BIGINT UNSIGNED NOT NULL DEFAULT 0 INVISIBLE, ADD KEY ${HIDDEN_KEY} (${HIDDEN_KEY})`,
    `UPDATE ${table} SET ${HIDDEN_KEY} = UUID_SHORT()`,
  ];
}

/** A trigger of ours. */
export interface LogTrigger {
  readonly name: string;
  readonly sql: string;
}

/**
 * The triggers that fill the log.
 *
 * @returns `undefined` when the foreign keys lead to too many places; see {@link MAX_STATEMENTS}.
 */
export function logTriggers(
  space: Space,
  table: Table,
  catalogue: Catalogue,
): readonly LogTrigger[] | undefined {
  const fresh = freshOf(space, table);
  const all = table.columns.map(({ name }) => name);
  const logOld = `INSERT INTO ${fresh}(seq, had, ${slots(table).join(", ")}) VALUES (UUID_SHORT(), 1, ${nameList(all, "OLD.")});`;
  const logNew = `INSERT INTO ${fresh}(seq, had, ${slots(table, table.key).join(", ")}) VALUES (UUID_SHORT(), 0, ${nameList(table.key, "NEW.")});`;
  const isSameKey = table.key
    .map((name) => `NEW.${quoteName(name)} <=> OLD.${quoteName(name)}`)
    .join(" AND ");
  // With IGNORE the trigger fires as well when another row has the new key, and this one stays.
  const isStill = table.key.map((name) => `k.${quoteName(name)} = OLD.${quoteName(name)}`);
  const hasMoved = `NOT EXISTS (SELECT 1 FROM ${tableName(space.of, table.name)} AS k WHERE ${isStill.join(" AND ")})`;
  const logMoved = `IF NOT (${isSameKey}) THEN IF ${hasMoved} THEN ${logNew} END IF; END IF;`;
  // A cascade happens with the row's own change, before the triggers after it.
  const [onDelete, onUpdate] = (["DELETE", "UPDATE"] as const).map((event) =>
    logCascades(table, event, { space, catalogue }),
  );
  if (onDelete === undefined || onUpdate === undefined) return undefined;
  const isHidden = table.key[0] === HIDDEN_KEY;
  const bodies: readonly (readonly [when: string, body: string])[] = [
    ["BEFORE INSERT", isHidden ? `SET NEW.${HIDDEN_KEY} = UUID_SHORT();` : ""],
    ["AFTER INSERT", logNew],
    ["BEFORE UPDATE", onUpdate],
    ["AFTER UPDATE", `${logOld} ${logMoved}`],
    ["BEFORE DELETE", onDelete],
    ["AFTER DELETE", logOld],
  ];
  return bodies
    .filter(([, body]) => body !== "")
    .map(([when, body]) => {
      const letters = when.replaceAll(/(\w)\w* ?/g, "$1").toLowerCase();
      const name = `explore_${letters}_${table.id}`;
      return {
        name,
        sql: `CREATE TRIGGER ${quoteName(space.of)}.${name} ${when} ON ${tableName(space.of, table.name)} FOR EACH ROW IF ${OFF} IS NULL THEN ${body} END IF`,
      };
    });
}

/** Why a table cannot be logged. */
export const TOO_MANY_CASCADES = `foreign keys that refer to it lead to more than ${MAX_STATEMENTS} places`;
