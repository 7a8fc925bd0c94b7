import { ExploreError } from "../../errors.ts";
import { quoteName, quoteText } from "../sql/quote.ts";
import type { PlaceRequest } from "./databases.ts";
import { connectBeside, dropDatabase, dropLeftovers } from "./databases.ts";
import type { PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import { isUsableGiven } from "./given.ts";
import { newName, templateName } from "../sql/database-names.ts";
import { dropTemplates } from "../sql/templates.ts";
import { TEST_MARK } from "../test-mark.ts";
import type { OpenTransaction } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";
import { copySetUp, templateServer } from "./set-up-template.ts";

/** The database that the world works in. */
export interface Place {
  readonly database: string;
  /** Whether it is the user's own. */
  readonly isGiven: boolean;
  /** What it was copied from and nobody writes to; `undefined` when there is none. */
  readonly origin: string | undefined;
  /** Drops it, unless it is the user's own. */
  readonly leave: () => Promise<void>;
}

/**
 * Makes the database the world works in: a copy of a set-up, else of the user's database. The user's
 * own is only used when it was marked as a test database, or when nothing else can be had and it
 * holds nothing.
 *
 * @throws ExploreError `EXPLORE_NOT_A_TEST_DATABASE` when no database can be made and the given one
 * may not be written.
 */
export async function preparePlace(request: PlaceRequest): Promise<Place> {
  const { driver, address, options } = request;
  const given = {
    database: address.database,
    isGiven: true,
    origin: undefined,
    leave: async (): Promise<void> => {},
  };
  if (options.testDatabase) return given;
  const { name, origin } = nameOf(request);
  const admin = await connectAdmin(request);
  try {
    await dropLeftovers(admin);
    await create(admin, request, { name, origin });
    return { database: name, isGiven: false, origin, leave: () => leave(request, name) };
  } catch (cause) {
    // What was made so far; the error says more than one about this would.
    await leave(request, name).catch(() => {});
    if (sqlState(cause) !== "42501") throw cause;
    if (request.setUp === undefined && (await isUsableGiven(driver, address.database))) {
      return given;
    }
    throw notATestDatabase(request, cause);
  } finally {
    await admin.end();
  }
}

/** The database's name, and what it will be copied from that nobody writes to. */
interface Named {
  readonly name: string;
  readonly origin: string | undefined;
}

function nameOf({ setUp, address, isOurServer }: PlaceRequest): Named {
  if (setUp === undefined)
    return { name: newName(), origin: isOurServer ? "template0" : undefined };
  const template = templateName(`${address.user ?? ""} ${setUp.key}`);
  return { name: newName(template), origin: template };
}

/** Twice, since what is not dropped stays until the next run. */
async function leave(request: PlaceRequest, database: string): Promise<void> {
  await dropAll(request, database).catch(() => dropAll(request, database));
}

async function dropAll(request: PlaceRequest, database: string): Promise<void> {
  const admin = await connectAdmin(request);
  try {
    await dropDatabase(admin, database);
    await dropTemplates(templateServer(admin), request.isOurServer);
  } finally {
    await admin.end();
  }
}

/**
 * Connects to a database that is not the one to be copied, where a connection would be in the way.
 * Set-ups copy none, and then every run must choose the same, since locks belong to a database.
 */
async function connectAdmin({ driver, address, setUp }: PlaceRequest): Promise<PostgresClient> {
  return connectBeside(driver, setUp === undefined ? address.database : undefined);
}

async function create(
  admin: PostgresClient,
  request: PlaceRequest,
  { name: database, origin }: Named,
): Promise<void> {
  const { system, address, options, setUp } = request;
  if (origin !== undefined && setUp !== undefined) {
    return copySetUp(admin, request, { setUp, template: origin, copy: database });
  }
  if (origin !== undefined) {
    await admin.query(`CREATE DATABASE ${quoteName(database)} TEMPLATE ${quoteName(origin)}`);
    return;
  }
  const given = address.database;
  const sql = `CREATE DATABASE ${quoteName(database)} TEMPLATE ${quoteName(given)}`;
  try {
    await untilQuiet(
      { system, database: given, quiescenceMs: options.quiescenceMs },
      "copy the database",
      async () => (await isInUse(admin, given)) ?? (await admin.query(sql), true),
    );
  } catch (cause) {
    throw sqlState(cause) === "3D000" ? noDatabase(request, cause) : cause;
  }
}

/** A database that somebody is connected to cannot be copied, idle or not. */
async function isInUse(
  admin: PostgresClient,
  database: string,
): Promise<{ readonly open: readonly OpenTransaction[] } | undefined> {
  const { rows } = await admin.query<OpenTransaction>(
    `SELECT pid, coalesce(state, 'connected') AS state, query, application_name AS application FROM pg_stat_activity
     WHERE datname = ${quoteText(database)} AND backend_type = 'client backend'`,
  );
  return rows.length === 0 ? undefined : { open: rows };
}

function notATestDatabase({ system, address, setUp }: PlaceRequest, cause: unknown): ExploreError {
  const { database, user = "(this system's user)" } = address;
  const own =
    setUp === undefined
      ? `Or let it work in ${database} itself, whose rows are put back at the end: set \`testDatabase: true\`, ` +
        `or mark it: CREATE TABLE ${TEST_MARK} ();`
      : "Or prepare a database yourself, and set `testDatabase: true` instead of `schema` and `migrate`.";
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: no database of our own can be made, and ${database} was not marked as a test database.\n` +
      `  reason: the user ${user} may not ${setUp === undefined ? "copy it" : "create one"}: ${cause instanceof Error ? cause.message : String(cause)}\n` +
      `Let a superuser run: ALTER ROLE ${quoteName(user)} CREATEDB;${
        setUp === undefined
          ? ` ALTER DATABASE ${quoteName(database)} OWNER TO ${quoteName(user)};`
          : ""
      }\n${own}`,
    { cause, details: { system, database, user } },
  );
}

function noDatabase({ system, address }: PlaceRequest, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: there is no database ${address.database} to copy.\n` +
      "Correct `url`, or give `schema` or `migrate`, which fill a new database.",
    { cause, details: { system, database: address.database } },
  );
}
