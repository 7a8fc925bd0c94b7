import { ExploreError } from "../errors.ts";
import { actionNumber, branchName, type Path, type PathStep } from "../trace/path-codec.ts";
import type { Branch } from "./records.ts";

/** The name of the branch that has no steps. */
const INITIAL_STATE = "initial state";

/** The branch of a path. */
export function branchOf(path: Path, actions: readonly { readonly name: string }[]): Branch {
  const steps = path.map((step) => actionAt(actions, step).name);
  return { name: steps.length === 0 ? INITIAL_STATE : branchName(steps), path, steps };
}

/** The action of a step. */
export function actionAt<A>(actions: readonly A[], step: PathStep): A {
  const found = actions[actionNumber(step)];
  if (found === undefined) {
    throw new ExploreError(
      "EXPLORE_BUG",
      `There is no action ${step}; there are ${actions.length}.\n` +
        "This is a bug in vitest-explore: report it with the spec.",
    );
  }
  return found;
}
