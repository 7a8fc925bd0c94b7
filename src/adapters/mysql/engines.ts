import { ExploreError } from "../../errors.ts";
import type { Table } from "./catalogue.ts";

/** Engines whose changes are not part of a transaction, and that fire triggers nevertheless. */
const PLAIN = new Set(["myisam", "aria", "memory"]);

/**
 * Refuses tables whose rows cannot be taken out and put back: of engines that only add rows, or that
 * keep them elsewhere.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` naming the first.
 */
export function refuseEngines(system: string, isolation: string, tables: readonly Table[]): void {
  const other = tables.find(
    ({ isTransactional, engine }) => !isTransactional && !PLAIN.has(engine.toLowerCase()),
  );
  if (other === undefined) return;
  const reason = `table ${other.name} has the engine ${other.engine}, whose rows cannot be put back`;
  throw new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "${isolation}" cannot be used.\n  reason: ${reason}\n` +
      "Make it an InnoDB table where the tests run.",
    { details: { system, isolation, reason } },
  );
}
