import { show, unknownOption, usageError } from "../errors.ts";
import type { ServerOptions, WayName } from "./server-request.ts";

/** The names of all ways, in the order in which they are tried. */
const WAY_NAMES: readonly WayName[] = ["binary", "container", "embedded"];

interface Rule {
  /** Ends the sentence "… must be". */
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  readonly cure: string;
}

const RULES: Readonly<Record<keyof ServerOptions, Rule>> = {
  way: {
    must: `one of ${WAY_NAMES.join(", ")}`,
    holds: (value) => WAY_NAMES.some((name) => name === value),
    cure: "Leave it out to have them tried in this order.",
  },
  image: {
    must: "the name of a container image",
    holds: (value) => typeof value === "string" && /^\S+$/.test(value),
    cure: 'Give e.g. "postgres:17".',
  },
  folder: {
    must: "the folder of the server's programs",
    holds: (value) => typeof value === "string" && value !== "",
    cure: 'Give e.g. "/usr/lib/postgresql/17/bin".',
  },
  args: {
    must: "a list of arguments for the server's program",
    holds: (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
    cure: 'Give e.g. ["-c", "max_connections=500"].',
  },
};

/**
 * Checks what the user gave as `server`.
 *
 * @param where - The call and the option, e.g. `postgres(): server`.
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown or wrong.
 */
export function readServerOptions(where: string, given: unknown): ServerOptions {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw usageError(
      where,
      `must be an object, got ${show(given)}`,
      'Give e.g. { way: "binary" }.',
    );
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(RULES, name)) throw unknownOption(where, name, Object.keys(RULES));
    const { must, holds, cure } = RULES[name as keyof ServerOptions];
    if (value === undefined || holds(value)) continue;
    throw usageError(`${where}.${name}`, `must be ${must}, got ${show(value)}`, cure);
  }
  return given;
}
