import { ExploreError } from "../../errors.ts";
import { newName } from "../sql/database-names.ts";
import { dropTemplates } from "../sql/templates.ts";
import { TEST_MARK } from "../test-mark.ts";
import { cloneDatabase } from "./clone.ts";
import type { Control } from "./control.ts";
import { close, isForbidden, openReader } from "./control.ts";
import type { PlaceRequest } from "./databases.ts";
import { createDatabase, dropDatabase, dropLeftovers } from "./databases.ts";
import { errorNumber, readRows } from "./driver.ts";
import { isUsableGiven } from "./given.ts";
import { account } from "./undo-log/install.ts";
import { quoteName } from "./quote.ts";
import { copySetUp, templateServer } from "./set-up-template.ts";

/** The database that the world works in. */
export interface Place {
  readonly database: string;
  /** Whether it is the user's own. */
  readonly isGiven: boolean;
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
  const { address, options, system } = request;
  const { database: given } = address;
  if (options.testDatabase) {
    if (given === undefined) throw noDatabase(system, "is named to work in");
    return { database: given, isGiven: true, leave: async () => {} };
  }
  const admin = await openReader(request, undefined);
  try {
    await dropLeftovers(admin);
    const database = await create(admin, request);
    return { database, isGiven: false, leave: () => leave(request, database) };
  } catch (cause) {
    if (!isForbidden(cause)) throw cause;
    const isUsable =
      given !== undefined &&
      request.setUp === undefined &&
      (await isUsableGiven(admin, given).catch(() => false));
    if (isUsable) return { database: given, isGiven: true, leave: async () => {} };
    throw await notATestDatabase(admin, request, cause);
  } finally {
    await close(admin.client);
  }
}

async function leave(request: PlaceRequest, database: string): Promise<void> {
  const admin = await openReader(request, undefined);
  try {
    await dropDatabase(admin, database);
    await dropTemplates(templateServer(admin), request.isOurServer);
  } finally {
    await close(admin.client);
  }
}

async function create(admin: Control, request: PlaceRequest): Promise<string> {
  const { address, setUp, system, isOurServer } = request;
  if (setUp !== undefined) return copySetUp(admin, request, setUp);
  const database = newName();
  if (isOurServer) {
    await createDatabase(admin, database);
    return database;
  }
  const from = address.database;
  if (from === undefined) throw noDatabase(system, "is named to copy");
  await createDatabase(admin, database, from);
  try {
    await cloneDatabase(admin, { system, from, to: database });
    return database;
  } catch (cause) {
    await dropDatabase(admin, database).catch(() => {
      // The first error says why; the next run drops it.
    });
    throw errorNumber(cause) === 1049
      ? noDatabase(system, `${from} is there to copy`, cause)
      : cause;
  }
}

async function notATestDatabase(
  { client }: Control,
  { system, address, setUp }: PlaceRequest,
  cause: unknown,
): Promise<ExploreError> {
  const { database = "(none)" } = address;
  const [row] = await readRows<{ user: string }>(client, "SELECT CURRENT_USER() AS user");
  const user = account(row?.user ?? "");
  const own =
    setUp === undefined
      ? `Or let it work in ${database} itself, whose rows are put back at the end: set \`testDatabase: true\`, ` +
        `or mark it: CREATE TABLE ${TEST_MARK} (id INT);`
      : "Or prepare a database yourself, and set `testDatabase: true` instead of `schema` and `migrate`.";
  const read =
    setUp === undefined
      ? ` GRANT SELECT, SHOW VIEW, TRIGGER ON ${quoteName(database)}.* TO ${user};`
      : "";
  return new ExploreError(
    "EXPLORE_NOT_A_TEST_DATABASE",
    `${system}: no database of our own can be made, and ${database} was not marked as a test database.\n` +
      `  user:   ${row?.user ?? "(unknown)"}\n` +
      `  reason: ${cause instanceof Error ? cause.message : String(cause)}\n` +
      `Let a superuser run: GRANT ALL ON \`explore\\_%\`.* TO ${user};${read}\n${own}`,
    { cause, details: { system, database, user: row?.user } },
  );
}

function noDatabase(system: string, problem: string, cause?: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_USAGE",
    `${system}: no database ${problem}.\n` +
      "Correct `url`, or give `schema` or `migrate`, which fill a new database.",
    { cause, details: { system } },
  );
}
