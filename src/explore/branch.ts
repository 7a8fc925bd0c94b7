import { ExploreError } from "../errors.ts";
import { branchName, type Path } from "../trace/path-codec.ts";
import type { Branch } from "./records.ts";

/** The name of the branch that has no steps. */
const INITIAL_STATE = "initial state";

/** The branch of a path. */
export function branchOf(path: Path, actions: readonly { readonly name: string }[]): Branch {
  const steps = path.map((action) => actionAt(actions, action).name);
  return { name: steps.length === 0 ? INITIAL_STATE : branchName(steps), path, steps };
}

/** The action with a number. */
export function actionAt<A>(actions: readonly A[], action: number): A {
  const found = actions[action];
  if (found === undefined) {
    throw new ExploreError(
      "EXPLORE_BUG",
      `There is no action ${action}; there are ${actions.length}.\n` +
        "This is a bug in vitest-explore: report it with the spec.",
    );
  }
  return found;
}
