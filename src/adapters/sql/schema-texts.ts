import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, isExploreError, usageError } from "../../errors.ts";
import type { SystemEnvironment } from "../adapter.ts";

/** SQL, and the file that it is from. */
export interface SchemaText {
  readonly file: string | undefined;
  readonly sql: string;
}

/**
 * Reads a `schema` that is a text: SQL, the path of a `.sql` file, or a folder of such files, which
 * are run in the order of their paths.
 *
 * @throws ExploreError `EXPLORE_USAGE` when a file cannot be read or a folder has none.
 */
export async function readSchemaTexts(
  schema: string,
  { name, root }: Pick<SystemEnvironment, "name" | "root">,
): Promise<readonly SchemaText[]> {
  if (!isPath(schema)) return [{ file: undefined, sql: schema }];
  try {
    const files = await filesOf(resolve(root, schema), name);
    return await Promise.all(
      files.map(async (file) => ({ file, sql: await readFile(file, "utf8") })),
    );
  } catch (error) {
    if (codeOf(error) === undefined || isExploreError(error)) throw error;
    throw usageError(
      `${name}: schema`,
      `cannot be read: ${(error as NodeJS.ErrnoException).message}`,
      "Correct the path of the .sql file or folder.",
    );
  }
}

/** The files of a `schema`, relative to the project's root. */
export function schemaPaths(schema: unknown): readonly string[] {
  return typeof schema === "string" && isPath(schema) ? [schema] : [];
}

/** SQL has spaces, semicolons or lines; the paths of schemas have none of them. */
function isPath(schema: string): boolean {
  return !/[;\n]/.test(schema) && (/\.sql$/i.test(schema) || !/\s/.test(schema.trim()));
}

async function filesOf(path: string, system: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  // Also in folders below: Prisma keeps each migration in one.
  const names = (await readdir(path, { recursive: true }))
    .filter((name) => /\.sql$/i.test(name))
    .toSorted();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw usageError(
    `${system}: schema`,
    `is the folder ${path}, which has no .sql file`,
    "Correct the path.",
  );
}
