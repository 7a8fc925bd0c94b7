import type { Engine } from "./engine.ts";
import { isBroken, isSchemaObstacle, schemaChanged } from "./engine.ts";
import type { Quiescence } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";
import type { Attempt } from "./standing.ts";

/** Schema changes that turn out to be none, e.g. of temporary tables, that one verb may meet. */
const MAX_FALSE_ALARMS = 100;

/**
 * Makes the guard of the engine's functions.
 *
 * @throws ExploreError From the guard: `EXPLORE_TRANSACTION_OPEN` when another transaction stays
 * open, `EXPLORE_SCHEMA_CHANGED` when the log does not fit the tables any more.
 */
export function createAttempt(quiescence: Quiescence, engine: Engine): Attempt {
  return async (verb, run) => {
    for (let alarms = 0; ; alarms += 1) {
      const answer = await untilQuiet(quiescence, verb, run).catch(async (error: unknown) => {
        if (!isBroken(error)) throw error;
        // Inside a transaction that the error has spoilt nothing more can be asked.
        const changes = await engine.schemaChanges().catch(() => []);
        throw changes.length === 0 ? error : schemaChanged(quiescence.system, verb, changes);
      });
      if (!isSchemaObstacle(answer)) return answer;
      const changes = await engine.schemaChanges();
      if (changes.length > 0 || alarms >= MAX_FALSE_ALARMS) {
        throw schemaChanged(quiescence.system, verb, changes);
      }
    }
  };
}
