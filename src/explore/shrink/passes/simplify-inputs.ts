import type { PathStep } from "../../../trace/path-codec.ts";
import type { Failing, Pass, Try } from "../shrink.ts";

/** The same step with simpler inputs, the simplest first; none for a step that takes no input. */
export type SimplerSteps = (step: PathStep) => Iterable<PathStep>;

/**
 * Makes inputs simpler, one step after another. Steps that are alike are changed together first: a
 * request that is sent twice may have to stay the same request.
 */
export function simplifyInputs(simpler: SimplerSteps): Pass {
  return async (failing, attempt) => {
    let best = failing;
    for (const index of failing.path.keys()) {
      const alike = best.path.flatMap((step, at) => (step === best.path[index] ? [at] : []));
      if (alike.length > 1) best = await simplify(best, { places: alike, simpler, attempt });
      best = await simplify(best, { places: [index], simpler, attempt });
    }
    return best;
  };
}

interface Simplifying {
  /** The indexes of equal steps. */
  readonly places: readonly number[];
  readonly simpler: SimplerSteps;
  readonly attempt: Try;
}

/** Takes the first simpler input that fails as well, and goes on from there. */
async function simplify(failing: Failing, options: Simplifying): Promise<Failing> {
  let best = failing;
  for (;;) {
    const found = await firstSimpler(best, options);
    if (found === undefined) return best;
    best = found;
  }
}

async function firstSimpler(
  { path }: Failing,
  { places, simpler, attempt }: Simplifying,
): Promise<Failing | undefined> {
  const step = path[places[0] ?? -1];
  if (step === undefined) return undefined;
  for (const other of simpler(step)) {
    const found = await attempt(path.map((own, at) => (places.includes(at) ? other : own)));
    if (found !== undefined) return found;
  }
  return undefined;
}
