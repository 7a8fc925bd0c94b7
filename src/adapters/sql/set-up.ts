import { createHash, randomUUID } from "node:crypto";
import { usageError } from "../../errors.ts";
import type { OptionRules } from "../../option-rules.ts";
import { isWholeNumber } from "../../option-rules.ts";
import type { SystemEnvironment, SystemInputs } from "../adapter.ts";
import { runMigration } from "./migration.ts";
import { readSchemaTexts, schemaPaths } from "./schema-texts.ts";

/**
 * What a new database is filled with first: SQL, the path of a `.sql` file, a folder of such files,
 * or a function.
 */
export type Schema<Client> = string | ((client: Client) => void | Promise<void>);

/** What a function that migrates is given. */
export interface MigrationTarget<Client> {
  /** The new database's connection string. */
  readonly url: string;
  /** A connection to it; closed afterwards. */
  readonly client: Client;
}

/**
 * What fills it after that: a function, or a command such as an ORM's, run in the project's root. A
 * text is a line for the shell, a list is a program with its arguments.
 */
export type Migrate<Client> =
  | string
  | readonly string[]
  | ((target: MigrationTarget<Client>) => void | Promise<void>);

/** The options that say how a new database is set up. */
export interface SetUpOptions<Client> {
  readonly schema?: Schema<Client> | undefined;
  readonly migrate?: Migrate<Client> | undefined;
  readonly migrateTimeoutMs: number;
}

/** A new database, as set-up needs it. */
export interface NewDatabase<Client> extends MigrationTarget<Client> {
  /** What a command finds it by, besides `DATABASE_URL`: `PGHOST` and its like. */
  readonly variables: Readonly<Record<string, string>>;
  /** Runs a text of any number of statements. */
  readonly runSql: (sql: string) => Promise<void>;
  /** What the server says against a statement; `undefined` when the error is not about the SQL. */
  readonly refusalOf: (error: unknown, sql: string) => string | undefined;
}

/** How a new database is set up. */
export interface SetUp<Client> {
  /**
   * Equal for set-ups that lead to equal databases: a digest of all SQL. A function is only equal to
   * itself; a command to the same command in the same run of Vitest.
   */
  readonly key: string;
  readonly run: (database: NewDatabase<Client>) => Promise<void>;
}

/**
 * Reads what a new database is to be filled with.
 *
 * @returns `undefined` when there is nothing.
 * @throws ExploreError `EXPLORE_USAGE` when a file cannot be read. From `run`: `EXPLORE_USAGE` when
 * the SQL is refused, `EXPLORE_MIGRATION_FAILED` when the migration fails or takes too long.
 */
export async function readSetUp<Client>(
  options: SetUpOptions<Client>,
  environment: Pick<SystemEnvironment, "name" | "root" | "run">,
): Promise<SetUp<Client> | undefined> {
  const { schema, migrate, migrateTimeoutMs } = options;
  if (schema === undefined && migrate === undefined) return undefined;
  const { name, root, run = UNKNOWN_RUN } = environment;
  const texts = typeof schema === "string" ? await readSchemaTexts(schema, environment) : [];
  const parts = [
    typeof schema === "function" ? identityOf(schema) : texts.map(({ sql }) => sql),
    typeof migrate === "function" ? identityOf(migrate) : migrate && { migrate, root, run },
  ];
  return {
    key: createHash("sha256").update(JSON.stringify(parts)).digest("hex"),
    run: async (database) => {
      for (const { file, sql } of texts) {
        await database.runSql(sql).catch((error: unknown) => {
          const refusal = database.refusalOf(error, sql);
          if (refusal === undefined) throw error;
          const where = file === undefined ? `${name}: schema` : `${name}: schema ${file}`;
          throw usageError(where, `was refused: ${refusal}`, "Correct the SQL.");
        });
      }
      if (typeof schema === "function") await schema(database.client);
      if (migrate === undefined) return;
      await runMigration({ system: name, root, migrate, database, limitMs: migrateTimeoutMs });
    },
  };
}

/** What a database is made of: a copy of another one, or a command, may make it of anything. */
export function inputsOf(options: {
  readonly schema?: unknown;
  readonly migrate?: unknown;
  readonly testDatabase: boolean;
}): SystemInputs {
  const { schema, migrate, testDatabase } = options;
  const isNew = !testDatabase && (schema !== undefined || migrate !== undefined);
  const isCommand = migrate !== undefined && typeof migrate !== "function";
  return { paths: schemaPaths(schema), complete: isNew && !isCommand };
}

/** Nobody else may be in the same one. */
const UNKNOWN_RUN = randomUUID();

/** What a function does depends on what it closes over, so that no two of them are known to be equal. */
const identities = new WeakMap<object, string>();

function identityOf(made: object): string {
  const known = identities.get(made) ?? randomUUID();
  identities.set(made, known);
  return known;
}

/** The rules of the options of set-up. */
export const SET_UP_RULES: OptionRules<Pick<SetUpOptions<never>, "migrate" | "migrateTimeoutMs">> =
  {
    migrate: {
      must: "a function, a line for the shell, or a program with its arguments",
      holds: (value) =>
        typeof value === "function" ||
        (typeof value === "string" && value.trim() !== "") ||
        (Array.isArray(value) &&
          value.length > 0 &&
          value.every((part) => typeof part === "string") &&
          value[0] !== ""),
      cure: 'Give e.g. "npx prisma migrate deploy".',
    },
    migrateTimeoutMs: {
      must: "a whole number of milliseconds from 1 to 2147483647",
      holds: isWholeNumber(1, 2 ** 31 - 1),
      cure: "Give a number such as 120000.",
    },
  };

/** How long a migration may take when nothing else is said. */
export const MIGRATE_TIMEOUT_MS = 120_000;
