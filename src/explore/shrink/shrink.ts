import type { Path } from "../../trace/path-codec.ts";
import { cutLoops } from "./passes/cut-loops.ts";
import { dropSteps } from "./passes/drop-steps.ts";
import { simplifyInputs, type SimplerSteps } from "./passes/simplify-inputs.ts";

/** A path that fails in the way it is shrunk for. */
export interface Failing {
  readonly path: Path;
  /** The state before each of its steps. */
  readonly states: readonly string[];
}

/** Runs a path; `undefined` when it does not fail in that way. */
export type Try = (path: Path) => Promise<Failing | undefined>;

/** One way to make a failing path simpler; returns the same object when there is nothing to gain. */
export type Pass = (failing: Failing, attempt: Try) => Promise<Failing>;

/**
 * Shortens a failing path until it goes through no state twice and removing any one step before the
 * last makes it pass. The last step stays: it is what fails. Then its inputs are made simpler.
 *
 * Deterministic: run on its own result it makes no progress, so one call is enough.
 *
 * @param failing - Must fail as given.
 * @param attempt - Called at most `2 * path.length ** 2` times without inputs; each call replays the
 * system.
 * @param simpler - The simpler inputs of a step, as steps.
 * @returns A failing path, no longer than the given one.
 */
export async function shrink(
  failing: Failing,
  attempt: Try,
  simpler: SimplerSteps = () => [],
): Promise<Failing> {
  // In this order: what costs least for each step that it removes comes first.
  const passes: readonly Pass[] = [cutLoops, dropSteps, simplifyInputs(simpler)];
  let best = failing;
  for (;;) {
    // Each round but the last makes the path shorter or an input simpler, so there is an end.
    const before = best;
    for (const pass of passes) best = await pass(best, attempt);
    if (best === before) return best;
  }
}
