import type { OpenTransaction, Quiescence } from "../sql/quiescence.ts";
import { untilQuiet as untilNothingIsOpen } from "../sql/quiescence.ts";
import { sqlState } from "./driver.ts";

export type { OpenTransaction, Quiescence } from "../sql/quiescence.ts";

/** Lock not available, deadlock detected, object in use. */
const BLOCKED = new Set(["55P03", "40P01", "55006"]);

export function isBlocked(error: unknown): boolean {
  return BLOCKED.has(sqlState(error));
}

/** Runs until no other connection has a transaction open. See the shared function. */
export function untilQuiet<T>(
  quiescence: Quiescence,
  verb: string,
  run: () => Promise<T | { readonly open: readonly OpenTransaction[] }>,
): Promise<T> {
  return untilNothingIsOpen({ ...quiescence, isBlocked }, verb, run);
}
