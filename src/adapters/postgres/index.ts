import type { System } from "../adapter.ts";
import { defineAdapter } from "../define-adapter.ts";
import { readAddress, refuseRemote, urlOf } from "./address.ts";
import { startMode } from "./choose-mode.ts";
import { loadPostgres } from "./driver.ts";
import type { PostgresHandle } from "./handle.ts";
import { createAccess } from "./handle.ts";
import type { Mode, SavedState } from "./mode.ts";
import type { PostgresOptions } from "./options.ts";
import { readOptions } from "./options.ts";
import { preparePlace } from "./place.ts";
import { applySchema } from "./schema.ts";

export type { PostgresClient, PostgresQuery, PostgresResult } from "./driver.ts";
export type { PostgresHandle, PostgresParams } from "./handle.ts";
export type { PostgresIsolation, PostgresOptions } from "./options.ts";

/**
 * A PostgreSQL database of our own on the server at `url`: a copy of the one there, or a new one that
 * `schema` fills. It is dropped at the end; the one at `url` is never written, unless it is marked as
 * a test database.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ db: postgres({ url: "postgresql://localhost/shop" }) });
 */
export function postgres(options: PostgresOptions = {}): System<PostgresHandle> {
  const read = readOptions(options);
  return {
    kind: "postgres",
    exclusive: read.testDatabase,
    stage: "store",
    connect: async (environment) => {
      const { name: system } = environment;
      const address = readAddress(read.url, process.env, read.connectionTimeoutMs);
      refuseRemote(system, address, read.allowRemote);
      const driver = await loadPostgres(system, address);
      const place = await preparePlace({ system, driver, address, options: read });
      const { database, isGiven } = place;
      const { schemas, quiescenceMs } = read;
      const target = { system, database, driver, isGiven, schemas, quiescenceMs };
      const access = createAccess({
        connect: driver.connect,
        database,
        url: urlOf(address, database),
        sharesSession: read.isolation === "savepoint",
      });
      let mode: Mode | undefined;

      async function close(): Promise<void> {
        try {
          await mode?.close();
        } finally {
          await access.close();
          await place.leave();
        }
      }

      try {
        await applySchema(await access.session(), read.schema, environment);
      } catch (error) {
        await close();
        throw error;
      }
      return {
        handle: access.handle,
        adapter: defineAdapter<SavedState>(system, {
          open: async () => {
            mode = await startMode(target, access, read);
            return mode;
          },
          save: () => opened(mode).save(),
          restore: (saved) => saved.restore(),
          forget: (saved) => saved.release(),
          diff: (saved) => saved.diff(),
          observe: (onText) => opened(mode).observe(onText),
          close,
        }),
      };
    },
  };
}

/** `defineAdapter` calls no other hook before `open` has succeeded. */
function opened(mode: Mode | undefined): Mode {
  if (mode === undefined) throw new Error("the database is not open");
  return mode;
}
