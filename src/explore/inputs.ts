import { isExploreError, usageError } from "../errors.ts";
import { inputKey, type Path, type PathStep, withInput } from "../trace/path-codec.ts";
import { actionAt } from "./branch.ts";
import { ending } from "./failures.ts";
import type { State } from "./graph.ts";
import type { Action, Input } from "./model.ts";

type Actions = readonly Pick<Action<never>, "name" | "specName" | "input">[];
type Named = Pick<State, "fingerprint">;

/**
 * The input of a step: the one that it names, else the one that its action has in the state.
 *
 * @returns `undefined` when the action takes none.
 * @throws ExploreError `EXPLORE_USAGE`, which ends the exploration, when it cannot be generated.
 */
export function inputAt(actions: Actions, step: PathStep, from: Named): Input | undefined {
  const action = actionAt(actions, step);
  const { input } = action;
  if (input === undefined) return undefined;
  const key = inputKey(step);
  return generate(action, () => (key === undefined ? input.at(from.fingerprint) : input.of(key)));
}

/** Whether another action has the same input in the state, so that it need not be run there. */
export function isRepeated(actions: Actions, step: PathStep, from: Named): boolean {
  const action = actionAt(actions, step);
  const { input } = action;
  return input !== undefined && generate(action, () => input.isRepeated(from.fingerprint));
}

/**
 * The path with every input named, so that a step keeps its own when steps before it are left out.
 *
 * @param states - The state before each step.
 */
export function nameInputs(path: Path, states: readonly string[], actions: Actions): Path {
  return path.map((step, index) => {
    const input = inputAt(actions, step, { fingerprint: states[index] ?? "" });
    return input === undefined ? step : withInput(step, input.key);
  });
}

/** Whether a step of the path takes an input. */
export function takesInputs(path: Path, actions: Actions): boolean {
  return path.some((step) => actionAt(actions, step).input !== undefined);
}

function generate<T>({ name, specName = name }: Actions[number], run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isExploreError(error)) throw ending(error);
    const reason = error instanceof Error ? error.message : String(error);
    const refusal = usageError(
      `the arbitrary of action "${specName}"`,
      `could not generate an input: ${reason}`,
      "Make it generate a value for every seed, and the same one each time.",
    );
    refusal.cause = error;
    throw ending(refusal);
  }
}
