import type { System } from "../adapter.ts";
import { modeAdapter } from "../mode.ts";
import { startMode } from "./choose-mode.ts";
import { loadSqlite } from "./driver.ts";
import type { SqliteHandle } from "./handle.ts";
import { createAccess } from "./handle.ts";
import { schemaPaths } from "../sql/schema-texts.ts";
import type { ReadOptions, SqliteOptions } from "./options.ts";
import { MEMORY, readOptions } from "./options.ts";
import { applySchema, preparePlace } from "./place.ts";

export type { SqliteConnection, SqliteRunResult, SqliteStatement } from "./driver.ts";
export type { SqliteHandle, SqliteParams } from "./handle.ts";
export type { SqliteIsolation, SqliteOptions } from "./options.ts";

/**
 * A SQLite database: a new one, a copy of the one at `path`, or one in memory.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ db: sqlite({ schema: "./schema.sql" }) });
 */
export function sqlite(options: SqliteOptions = {}): System<SqliteHandle> {
  const read = readOptions(options);
  return {
    kind: "sqlite",
    exclusive: read.testDatabase,
    stage: "store",
    // Of a user's file there may be other content by now.
    inputs: { paths: schemaPaths(read.schema), complete: isNew(read) },
    connect: async (environment) => {
      const { name, directory } = environment;
      const open = await loadSqlite();
      const place = await preparePlace(open, read, environment);
      const target = { system: name, directory, open, quiescenceMs: read.quiescenceMs, ...place };
      const access = createAccess({ ...target, busyTimeoutMs: read.busyTimeoutMs });

      async function leave(): Promise<void> {
        try {
          access.closeConnection();
        } finally {
          await place.leave();
        }
      }

      try {
        await applySchema(access.connection(), read.schema, environment);
        // An app that sets another journal mode when it starts must be alone with the database.
        if (place.file !== MEMORY && !access.handedOut.has("connection")) access.closeConnection();
      } catch (error) {
        await leave();
        throw error;
      }
      return {
        handle: access.handle,
        adapter: modeAdapter(name, { start: () => startMode(target, access, read), leave }),
      };
    },
  };
}

function isNew({ path }: ReadOptions): boolean {
  return path === undefined || path === MEMORY;
}
