import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usageError } from "../../errors.ts";
import type { SystemEnvironment } from "../adapter.ts";
import type { PostgresClient } from "./driver.ts";
import { sqlState } from "./driver.ts";
import type { ReadOptions } from "./options.ts";

/**
 * Runs the `schema` option.
 *
 * @throws ExploreError `EXPLORE_USAGE` when a file cannot be read or its SQL is refused.
 */
export async function applySchema(
  client: PostgresClient,
  schema: ReadOptions["schema"],
  { name, root }: Pick<SystemEnvironment, "name" | "root">,
): Promise<void> {
  if (schema === undefined) return;
  if (typeof schema === "function") {
    await schema(client);
    return;
  }
  if (!isPath(schema)) return runSql(client, schema, `${name}: schema`);
  for (const file of await filesOf(resolve(root, schema), name)) {
    await runSql(client, await readSchema(file, name), `${name}: schema ${file}`);
  }
}

/** SQL has spaces, semicolons or lines; the paths of schemas have none of them. */
function isPath(schema: string): boolean {
  return !/[;\n]/.test(schema) && (/\.sql$/i.test(schema) || !/\s/.test(schema.trim()));
}

async function filesOf(path: string, system: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(system, error);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.sql$/i.test(name)).toSorted();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw usageError(
    `${system}: schema`,
    `is the folder ${path}, which has no .sql file`,
    "Correct the path.",
  );
}

async function readSchema(file: string, system: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(system, error);
  }
}

async function runSql(client: PostgresClient, sql: string, where: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    if (sqlState(error) === "" || !(error instanceof Error)) throw error;
    const position = "position" in error ? Number(error.position) : Number.NaN;
    const line = Number.isNaN(position)
      ? ""
      : ` (line ${sql.slice(0, position).split("\n").length})`;
    throw usageError(where, `was refused: ${error.message}${line}`, "Correct the SQL.");
  }
}

function unreadable(system: string, error: unknown): Error {
  const problem = error instanceof Error ? error.message : String(error);
  return usageError(
    `${system}: schema`,
    `cannot be read: ${problem}`,
    "Correct the path of the .sql file or folder.",
  );
}
