import { join } from "node:path";
import type { SystemInputs } from "../adapter.ts";
import type { AnyHttpOptions } from "./options.ts";

/** What an app is made of. One in the test's own process is made of modules that the test imports. */
export function inputsOf({ command, cwd = ".", watch }: AnyHttpOptions): SystemInputs {
  if (command === undefined) return { paths: [], complete: true };
  const words = typeof command === "string" ? command.split(/\s+/) : command;
  // Programs are no files here; what looks like one and is none will not change.
  const named = words.filter((word) => FILE.test(word)).map((word) => join(cwd, word));
  return { paths: [...new Set([...(watch ?? []), ...named])], complete: watch !== undefined };
}

/** A word of a command that may be a file of the project: `server.js`, `src/main.py`. */
const FILE = /^(?!-|\/|https?:)[\w./\\@-]+\.\w+$/;
