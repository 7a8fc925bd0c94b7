import { ExploreError, isExploreError, usageError } from "../../errors.ts";
import type { System, SystemEnvironment } from "../adapter.ts";
import { refuseUnknownSchema } from "./schema-name.ts";
import { inputsOf, readSetUp } from "../sql/set-up.ts";
import type { Address } from "./address.ts";
import { readAddress, refuseRemote, urlFrom, urlOf } from "./address.ts";
import { startMode } from "./choose-mode.ts";
import { loadPostgres } from "./driver.ts";
import type { PostgresHandle } from "./handle.ts";
import { createAccess } from "./handle.ts";
import { modeAdapter } from "../mode.ts";
import type { PostgresOptions, ReadOptions } from "./options.ts";
import { readOptions } from "./options.ts";
import { preparePlace } from "./place.ts";

export type { PostgresClient, PostgresQuery, PostgresResult } from "./driver.ts";
export type { PostgresHandle, PostgresParams } from "./handle.ts";
export type { PostgresIsolation, PostgresOptions } from "./options.ts";

/**
 * A PostgreSQL database of our own: a new one that `schema` and `migrate` fill, or a copy of the one
 * at `url`. Without `url` or a server in the environment one is found or started on this machine. The
 * database is dropped at the end; the one at `url` is never written, unless it is marked as a test
 * database.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ db: postgres({ schema: "./schema.sql" }) });
 */
export function postgres(options: PostgresOptions = {}): System<PostgresHandle> {
  const read = readOptions(options);
  return {
    kind: "postgres",
    exclusive: read.testDatabase,
    stage: "store",
    inputs: inputsOf(read),
    connect: async (environment) => {
      const { name: system } = environment;
      const setUp = await readSetUp(read, environment);
      const { address, isOurServer } = await findServer(read, environment);
      const driver = await loadPostgres(system, address);
      const request = { system, driver, address, options: read, setUp, isOurServer };
      const place = await preparePlace(request).catch((cause: unknown) => {
        throw connectFailed(system, cause);
      });
      const { database, isGiven, origin } = place;
      const { schemas, quiescenceMs } = read;
      const target = { system, database, origin, driver, isGiven, schemas, quiescenceMs };
      const access = createAccess({
        connect: driver.connect,
        database,
        url: urlOf(address, database),
        sharesSession: read.isolation === "savepoint",
      });
      return {
        handle: access.handle,
        adapter: modeAdapter(system, {
          start: async () => {
            const { schemaName: name } = read;
            if (name !== undefined) await refuseUnknownSchema(await access.session(), system, name);
            return startMode(target, access, read);
          },
          leave: async () => {
            await access.close();
            await place.leave();
          },
        }),
      };
    },
  };
}

function connectFailed(system: string, cause: unknown): ExploreError {
  if (isExploreError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExploreError("EXPLORE_ADAPTER_FAILED", `${system}: connect failed: ${reason}`, {
    cause,
    details: { system, verb: "connect" },
  });
}

/** Where the user says, where the environment says, or a server that is found or started for us. */
async function findServer(
  { url, server, allowRemote, testDatabase, connectionTimeoutMs }: ReadOptions,
  { name, provide }: SystemEnvironment,
): Promise<{ readonly address: Address; readonly isOurServer: boolean }> {
  const named = url ?? (server === undefined ? urlFrom(process.env) : undefined);
  if (named !== undefined) {
    const address = readAddress(named, process.env, connectionTimeoutMs);
    refuseRemote(name, address, allowRemote);
    return { address, isOurServer: false };
  }
  if (testDatabase) throw noTestDatabase(name);
  const provided = await provide({ kind: "postgres", options: server ?? {} });
  // What the environment says is not about this server.
  return { address: readAddress(provided.url, {}, connectionTimeoutMs), isOurServer: true };
}

function noTestDatabase(system: string): Error {
  return usageError(
    `${system}: testDatabase: true`,
    "names no database: there is no `url`, and neither DATABASE_URL nor PGHOST or PGDATABASE is set",
    'Give e.g. { url: "postgresql://localhost/shop_test", testDatabase: true }.',
  );
}
