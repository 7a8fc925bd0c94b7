import { createAttempt as createSharedAttempt } from "../sql/attempt.ts";
import type { Attempt } from "../sql/standing.ts";
import type { Engine } from "./undo-log/engine.ts";
import { isBroken } from "./undo-log/engine.ts";
import type { Quiescence } from "./quiescence.ts";
import { isBlocked } from "./quiescence.ts";

/**
 * Makes the guard of the engine's functions. See the shared function.
 *
 * @param missingCopy - Why there is no copy to go back to after a schema change.
 */
export function createAttempt(
  quiescence: Quiescence,
  { schemaChanges }: Engine,
  missingCopy?: string,
): Attempt {
  const guard = { schemaChanges, isBroken, copying: "template", missingCopy };
  return createSharedAttempt({ ...quiescence, isBlocked }, guard);
}
