import { show, usageError } from "../errors.ts";

/** Options of the plugin. There are none yet. */
export interface ExploreOptions {
  readonly [name: string]: never;
}

/**
 * Refuses options that do not exist, so that a misspelt one is not silently without effect.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the option.
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw usageError("explore()", `was called with ${show(options)}`, "It takes no arguments.");
  }
  for (const name of Object.keys(options)) {
    throw usageError("explore()", `has no option ${show(name)}`, "It takes no options.");
  }
}
