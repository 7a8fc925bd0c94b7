import type { Path } from "../../trace/path-codec.ts";
import { cutLoops } from "./passes/cut-loops.ts";
import { dropSteps } from "./passes/drop-steps.ts";

/** A path that fails in the way it is shrunk for. */
export interface Failing {
  readonly path: Path;
  /** The state before each of its steps. */
  readonly states: readonly string[];
}

/** Runs a path; `undefined` when it does not fail in that way. */
export type Try = (path: Path) => Promise<Failing | undefined>;

/** One way to make a failing path shorter; returns the same object when there is nothing to gain. */
export type Pass = (failing: Failing, attempt: Try) => Promise<Failing>;

/** In this order: what costs least for each step that it removes comes first. */
const PASSES: readonly Pass[] = [cutLoops, dropSteps];

/**
 * Shortens a failing path until it goes through no state twice and removing any one step before the
 * last makes it pass. The last step stays: it is what fails.
 *
 * Deterministic: run on its own result it makes no progress, so one call is enough.
 *
 * @param failing - Must fail as given.
 * @param attempt - Called at most `2 * path.length ** 2` times; each call replays the system.
 * @returns A failing path, no longer than the given one.
 */
export async function shrink(failing: Failing, attempt: Try): Promise<Failing> {
  let best = failing;
  for (;;) {
    // Each round but the last makes the path shorter, so there is an end.
    const before = best;
    for (const pass of PASSES) best = await pass(best, attempt);
    if (best === before) return best;
  }
}
