import { usageError } from "../../errors.ts";
import type { ConnectedSystem, System, SystemEnvironment } from "../adapter.ts";
import { guard } from "../define-adapter.ts";
import { modeAdapter } from "../mode.ts";
import { inputsOf, readSetUp } from "../sql/set-up.ts";
import type { Address } from "./address.ts";
import { readAddress, refuseRemote, urlFrom, urlOf } from "./address.ts";
import { startMode } from "./choose-mode.ts";
import { logDatabase } from "./databases.ts";
import { loadMysql } from "./driver.ts";
import type { MysqlHandle } from "./handle.ts";
import { createAccess } from "./handle.ts";
import type { MysqlOptions, ReadOptions } from "./options.ts";
import { ADDRESS_OPTIONS, readOptions } from "./options.ts";
import { preparePlace } from "./place.ts";
import { tellHolders } from "./holders.ts";

export type { MysqlClient, MysqlField, MysqlQuery, MysqlResult } from "./driver.ts";
export type { MysqlHandle, MysqlParams } from "./handle.ts";
export type { MysqlIsolation, MysqlOptions } from "./options.ts";

/**
 * A MySQL or MariaDB database of our own: a new one that `schema` and `migrate` fill, or a copy of the
 * one at `url`. Without an address or a server in the environment one is found or started on this
 * machine. The database is dropped at the end; the one at `url` is never written, unless it is marked
 * as a test database.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ db: mysql({ schema: "./schema.sql" }) });
 */
export function mysql(options: MysqlOptions = {}): System<MysqlHandle> {
  const read = readOptions(options);
  return {
    kind: "mysql",
    exclusive: read.testDatabase,
    stage: "store",
    inputs: inputsOf(read),
    connect: (environment) => guard(environment.name, "connect", () => connect(read, environment)),
  };
}

async function connect(
  read: ReadOptions,
  environment: SystemEnvironment,
): Promise<ConnectedSystem<MysqlHandle>> {
  const { name: system } = environment;
  const setUp = await readSetUp(read, environment);
  const { address, isOurServer } = await findServer(read, environment);
  const driver = await loadMysql(system, address);
  const request = { system, driver, address, options: read, setUp, isOurServer };
  const place = await preparePlace(request);
  const { database, isGiven } = place;
  const { quiescenceMs, connectionTimeoutMs, counters: withCounters } = read;
  const space = { of: database, database: isGiven ? database : logDatabase(database) };
  const target = { system, database, driver, isGiven, space, quiescenceMs, withCounters };
  const access = createAccess({
    system,
    connect: driver.connect,
    database,
    url: urlOf(address, database),
    connectionTimeoutMs,
    sharesSession: read.isolation === "savepoint",
    whoHolds: () => tellHolders(target),
  });
  return {
    handle: access.handle,
    adapter: modeAdapter(system, {
      start: () => startMode(target, access, read),
      leave: async () => {
        await access.close();
        await place.leave();
      },
    }),
  };
}

/** Where the user says, where the environment says, or a server that is found or started for us. */
async function findServer(
  read: ReadOptions,
  { name, provide }: SystemEnvironment,
): Promise<{ readonly address: Address; readonly isOurServer: boolean }> {
  const { url, server, allowRemote, testDatabase, connectionTimeoutMs } = read;
  const isNamed = ADDRESS_OPTIONS.some((option) => read[option] !== undefined);
  const fromEnv = server === undefined && !isNamed ? urlFrom(process.env) : undefined;
  if (isNamed || fromEnv !== undefined) {
    const address = readAddress(url ?? fromEnv ?? "mysql://", read);
    refuseRemote(name, address, allowRemote);
    return { address, isOurServer: false };
  }
  if (testDatabase) throw noTestDatabase(name);
  const provided = await provide({ kind: "mysql", options: server ?? {} });
  return {
    address: readAddress(provided.url, { ...NOTHING_GIVEN, connectionTimeoutMs }),
    isOurServer: true,
  };
}

const NOTHING_GIVEN = {
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  database: undefined,
} as const;

function noTestDatabase(system: string): Error {
  return usageError(
    `${system}: testDatabase: true`,
    "names no database: there is no address, and neither MYSQL_URL nor DATABASE_URL is set",
    'Give e.g. { url: "mysql://root@localhost/shop_test", testDatabase: true }.',
  );
}
