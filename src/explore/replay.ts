import { branchName } from "../trace/path-codec.ts";
import { isPromise } from "./awaitable.ts";
import { actionAt, branchOf } from "./branch.ts";
import { failureOf, replayDiverged, tellFailure, tellState } from "./failures.ts";
import { pathTo, type State, type Transition } from "./graph.ts";
import { inputAt } from "./inputs.ts";
import type { Action, Present, Recording } from "./model.ts";
import type { Steps } from "./steps.ts";

interface ReplayOptions<Args> {
  readonly subject: Present<Args>;
  readonly actions: readonly Action<Args>[];
  readonly steps: Steps<Args>;
  /** Describes a state as the first run met it, if there is a way back to it. */
  readonly describeAt: (state: State) => Promise<string | undefined>;
}

interface ReplayedStep {
  readonly way: readonly Transition[];
  readonly index: number;
  readonly transition: Transition;
}

/**
 * Returns the function that runs one step of a way again.
 *
 * It throws `EXPLORE_REPLAY_DIVERGED` when the step does not end in the state it ended in before.
 */
export function replayer<Args>(
  options: ReplayOptions<Args>,
): (way: readonly Transition[], index: number, recording?: Recording) => Promise<void> {
  const { subject, actions, steps, describeAt } = options;

  /** The names of all steps from the initial state to the end of the way, and the step's number. */
  function position(way: readonly Transition[], index: number): { steps: string[]; step: number } {
    const before = way[0] === undefined ? [] : pathTo(way[0].from);
    const path = [...before, ...way.map(({ action }) => action)];
    return { steps: [...branchOf(path, actions).steps], step: before.length + index };
  }

  async function act({ way, index, transition }: ReplayedStep): Promise<void> {
    const { action, from, to } = transition;
    const branch = (): string => {
      const at = position(way, index);
      return branchName(at.steps.slice(0, at.step + 1));
    };
    const { name, run } = actionAt(actions, action);
    try {
      const input = inputAt(actions, action, from);
      const step = steps.begin({ branch, replayed: true, input });
      const ran = steps.call(step, `action "${name}"`, run);
      if (isPromise(ran)) await ran;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== "error") throw error;
      const seen = { expected: tellState(to.fingerprint), actual: tellFailure(failure) };
      throw replayDiverged({ ...position(way, index), ...seen }, error);
    }
  }

  return async (way, index, recording) => {
    const transition = way[index];
    if (transition === undefined) return;
    const { fingerprint: first } = transition.to;
    let fingerprint: string;
    recording?.begin();
    try {
      await act({ way, index, transition });
      fingerprint = await subject.fingerprint();
    } finally {
      await recording?.acted();
    }
    if (fingerprint === first) return;
    const actual = tellStateOf(fingerprint, await subject.describe?.());
    const expected = tellStateOf(first, await describeAt(transition.to));
    throw replayDiverged({ ...position(way, index), expected, actual });
  };
}

function tellStateOf(fingerprint: string, description: string | undefined): string {
  return `${tellState(fingerprint)}${description === undefined ? "" : `: ${description}`}`;
}
