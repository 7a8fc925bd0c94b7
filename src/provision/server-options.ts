import { unknownOption } from "../errors.ts";
import type { OptionRule, OptionRules } from "../option-rules.ts";
import { checkOption, isNameIn, isOptions, oneOf } from "../option-rules.ts";
import type { ServerOptions, WayName } from "./server-request.ts";

/** The names of all ways, in the order in which they are tried. */
const WAY_NAMES: readonly WayName[] = ["binary", "container", "embedded"];

const RULES: OptionRules<ServerOptions> = {
  way: oneOf(WAY_NAMES, "Leave it out to have them tried in this order."),
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

/** What an option `server` must be. */
export const SERVER: OptionRule = {
  must: "an object",
  holds: isOptions,
  cure: 'Give e.g. { way: "binary" }.',
};

/**
 * Checks what the user gave as `server`.
 *
 * @param where - The call and the option, e.g. `postgres(): server`.
 * @throws ExploreError `EXPLORE_USAGE` naming the option that is unknown or wrong.
 */
export function checkServerOptions(where: string, given: ServerOptions | undefined): void {
  checkOption(where, given, SERVER);
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!isNameIn(RULES, name)) throw unknownOption(where, name, Object.keys(RULES));
    checkOption(`${where}.${name}`, value, RULES[name]);
  }
}
