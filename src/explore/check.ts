import { show, usageError } from "../errors.ts";
import { isPromise } from "./awaitable.ts";
import { ending, failureOf, violationOf } from "./failures.ts";
import type { Invariant } from "./model.ts";
import type { Branch, Failure } from "./records.ts";
import type { Steps } from "./steps.ts";

/** Evaluates invariants in the current state. */
export interface Checks {
  /**
   * Evaluates the `always` invariants, and the `sometimes` ones that have no witness yet, up to the
   * first that fails.
   *
   * @throws ExploreError `EXPLORE_USAGE` when one answers something else than true or false.
   */
  readonly run: (branch: Branch) => Promise<Failure | undefined>;
  readonly witnesses: ReadonlyMap<string, Branch>;
  /** Notes that `sometimes` invariants held after a branch that an assistant has run. */
  readonly witness: (names: readonly string[], branch: Branch) => void;
}

/** Starts without witnesses. */
export function createChecks<Args>(
  invariants: readonly Invariant<Args>[],
  steps: Steps<Args>,
): Checks {
  const witnesses = new Map<string, Branch>();

  return {
    witnesses,
    witness: (names, branch) => {
      for (const name of names) if (!witnesses.has(name)) witnesses.set(name, branch);
    },
    run: async (branch) => {
      const step = steps.begin({ branch: () => branch.name, replayed: false });
      for (const invariant of invariants) {
        const { name, expectation, holds } = invariant;
        if (witnesses.has(name)) continue;
        let answer: unknown;
        try {
          answer = steps.call(step, `invariant "${name}"`, holds);
          if (isPromise(answer)) answer = await answer;
        } catch (error) {
          return failureOf(error, name);
        }
        if (typeof answer !== "boolean") throw ending(notBoolean(name, answer));
        if (expectation === "always" && !answer) {
          return violationOf(invariant, branch.path.length);
        }
        if (expectation === "sometimes" && answer) witnesses.set(name, branch);
      }
      return undefined;
    },
  };
}

function notBoolean(name: string, answer: unknown): ReturnType<typeof usageError> {
  const cure =
    answer === undefined
      ? "A check that forgets `return` would never find anything; to use `expect`, end with `return true`."
      : "Compare, e.g. `rows.length === 0`: a value that only looks true would never find anything.";
  return usageError(
    `invariant "${name}"`,
    `answered ${show(answer)}, not true or false`,
    `Return whether the rule holds. ${cure}`,
  );
}
