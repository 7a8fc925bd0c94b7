import { basename, join, resolve } from "node:path";
import { readFile } from "node:fs/promises";
import { usageError } from "../../errors.ts";
import type { SystemEnvironment } from "../adapter.ts";
import { copyOriginal } from "./copy-original.ts";
import type { OpenConnection, SqliteConnection } from "./driver.ts";
import type { ReadOptions } from "./options.ts";
import { MEMORY } from "./options.ts";
import { prepareTestDatabase } from "./test-database.ts";

/** The database that the world works in. */
export interface Place {
  readonly file: string;
  /** Whether it is ours and goes with the world. */
  readonly disposable: boolean;
  /** Gives the user's own database back as it was. */
  readonly leave: () => Promise<void>;
}

/** Makes the database the world works in: a new one, a copy of the user's, or the user's own. */
export async function preparePlace(
  open: OpenConnection,
  { path, testDatabase, quiescenceMs }: ReadOptions,
  { name, directory, root }: SystemEnvironment,
): Promise<Place> {
  const ours = { disposable: true, leave: async (): Promise<void> => {} };
  if (path === MEMORY) return { ...ours, file: MEMORY };
  if (path === undefined) {
    const file = join(directory, `${name}.db`);
    const created = open(file, { timeout: 0 });
    created.pragma("synchronous = OFF");
    created.pragma("journal_mode = WAL");
    created.close();
    return { ...ours, file };
  }
  const original = resolve(root, path);
  if (testDatabase) {
    const { putBack } = await prepareTestDatabase({
      system: name,
      file: original,
      open,
      quiescenceMs,
    });
    return { file: original, disposable: false, leave: putBack };
  }
  const file = join(directory, `${name}-${basename(original)}`);
  await copyOriginal({ system: name, from: original, to: file, open, quiescenceMs });
  return { ...ours, file };
}

/**
 * Runs the `schema` option.
 *
 * @throws ExploreError `EXPLORE_USAGE` when a `.sql` file cannot be read. SQL errors are the driver's.
 */
export async function applySchema(
  connection: SqliteConnection,
  schema: ReadOptions["schema"],
  { name, root }: Pick<SystemEnvironment, "name" | "root">,
): Promise<void> {
  if (schema === undefined) return;
  if (typeof schema === "function") {
    await schema(connection);
    return;
  }
  const isFile = /\.sql$/i.test(schema) && !/[;\n]/.test(schema);
  connection.exec(isFile ? await readSchema(resolve(root, schema), name) : schema);
}

async function readSchema(file: string, system: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw usageError(
      `${system}: schema`,
      `cannot be read: ${problem}`,
      "Correct the path of the .sql file.",
    );
  }
}
