import { accessSync, constants, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import type { ServerProgram } from "../servers/server-program.ts";
import { wayUnavailable } from "../ways/way.ts";

/** The program of a server, where it really is. */
export interface FoundProgram {
  /** Its folder as the user knows it. */
  readonly folder: string;
  readonly program: string;
  /** Finds a program that comes with it. */
  readonly helper: (name: string) => string;
}

/**
 * Finds the program of a server.
 *
 * @param folder - The only folder to look in. Default: `PATH`, then the well-known ones.
 * @throws `wayUnavailable` naming where it was looked for.
 */
export function findProgram(server: ServerProgram, folder?: string): FoundProgram {
  const folders = folder === undefined ? [...onPath(), ...expand(server.places)] : [folder];
  for (const each of folders) {
    for (const name of server.programs) {
      const found = lookIn(each, name, server);
      if (found !== undefined) return found;
    }
  }
  const names = server.programs.join(" and ");
  const also = server.helpers.length > 0 ? ` with ${server.helpers.join(" and ")}` : "";
  throw wayUnavailable(
    folder === undefined
      ? `${names}${also} not found on PATH, nor in ${server.places.join(", ")}`
      : `${names}${also} not found in ${folder}`,
  );
}

function lookIn(folder: string, name: string, server: ServerProgram): FoundProgram | undefined {
  // Not where a link leads to: some programs look at the name by which they are called.
  const program = executable(join(folder, name));
  if (program === undefined) return undefined;
  const real = dirname(realpathSync(program));
  const helper = (wanted: string): string | undefined =>
    [folder, real, ...NEIGHBOURS.map((each) => join(real, each))]
      .map((each) => executable(join(each, wanted)))
      .find((each) => each !== undefined);
  if (server.helpers.some((wanted) => helper(wanted) === undefined)) return undefined;
  return {
    folder,
    program,
    helper: (wanted) => {
      const found = helper(wanted);
      if (found !== undefined) return found;
      throw wayUnavailable(`${basename(program)} is in ${folder}, but ${wanted} is not beside it`);
    },
  };
}

// A server's own tools may be among those for users, or with its data.
const NEIGHBOURS = ["../bin", "../sbin", "../scripts"];

function onPath(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** The folders of each pattern, those of the newest version first. */
function expand(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => {
    const star = pattern.indexOf("*");
    if (star === -1) return [pattern];
    const base = pattern.slice(0, pattern.lastIndexOf("/", star));
    const [part = "", ...rest] = pattern.slice(base.length + 1).split("/");
    const [before = "", after = ""] = part.split("*");
    return entriesOf(base)
      .filter((name) => name.startsWith(before) && name.endsWith(after))
      .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))
      .map((name) => join(base, name, ...rest));
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function executable(path: string): string | undefined {
  const file = process.platform === "win32" ? `${path}.exe` : path;
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
