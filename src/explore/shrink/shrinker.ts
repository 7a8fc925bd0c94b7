import {
  actionNumber,
  encodePath,
  inputKey,
  type Path,
  type PathStep,
  withInput,
} from "../../trace/path-codec.ts";
import { branchOf } from "../branch.ts";
import { MAX_SHRINK_RUNS } from "../budget.ts";
import { failureOf, sameFailure } from "../failures.ts";
import { follow, next, type State } from "../graph.ts";
import { inputAt, nameInputs } from "../inputs.ts";
import type { Action } from "../model.ts";
import type { Failed, Failure } from "../records.ts";
import { withSteps } from "../run-branch.ts";
import { pathReplayer, type PathReplay, type PathReplayOptions } from "./replay-path.ts";
import { shrink, type Failing } from "./shrink.ts";

interface ShrinkerOptions<Args> extends PathReplayOptions<Args> {
  /** Whether the search has reported all that it has run: what is recorded then did not fail so. */
  readonly isAllReported: boolean;
}

/**
 * Returns the function that shortens a failure's path. A path that the search has run
 * already is not run again: it would have been the first to fail in this way.
 *
 * @returns Of the function: the failure as the shorter path shows it, or the one given.
 */
export function createShrinker<Args>(
  options: ShrinkerOptions<Args>,
): (confirmed: Failed, isOver: () => boolean) => Promise<Failure> {
  const { actions, root, subject, steps, isAllReported } = options;

  return async ({ branch, failure }, isOver) => {
    const replay = pathReplayer(options, branch);
    let isBroken = false;
    const tried = new Map<string, PathReplay | undefined>();

    const isSpent = (): boolean => tried.size >= MAX_SHRINK_RUNS || isBroken || isOver();

    async function run(path: Path): Promise<PathReplay | undefined> {
      if (isAllReported && isRecorded(root, path, actions)) return undefined;
      if (isSpent()) return undefined;
      steps.throwIfAborted();
      const ended = await replay(path);
      isBroken = ended.failure?.kind === "infrastructure";
      return isSame(ended, failure) ? ended : undefined;
    }

    async function attempt(path: Path): Promise<Failing | undefined> {
      const key = encodePath(path);
      if (!tried.has(key)) tried.set(key, await run(path));
      const ended = tried.get(key);
      return ended && { path, states: ended.states };
    }

    function* simpler(step: PathStep): Iterable<PathStep> {
      const input = inputAt(actions, step, root);
      for (const { key } of input?.simpler() ?? []) {
        if (isSpent()) return;
        yield withInput(step, key);
      }
    }

    try {
      const way = follow(root, branch.path.slice(0, -1));
      const end = way.at(-1)?.to ?? root;
      const states = [...way.map(({ from }) => from.fingerprint), end.fingerprint];
      // Another state would have another input: what is left of the path keeps those that failed.
      const found = nameInputs(branch.path, states, actions);
      const { path } = await shrink({ path: found, states }, attempt, simpler);
      if (encodePath(path) === encodePath(found)) return failure;
      const recording = subject.record?.();
      const ended = await replay(path, recording);
      if (ended.failure === undefined || !isSame(ended, failure)) return failure;
      const shrunk = { ...ended.failure, shrunk: branchOf(path, actions) };
      return recording === undefined ? shrunk : withSteps(shrunk, ended.steps, recording);
    } catch (error) {
      // What stands in the way of a shorter path takes nothing from the one that was found.
      failureOf(error);
      return failure;
    }
  };
}

function isSame({ failure, isAtEnd }: PathReplay, wanted: Failure): boolean {
  return failure !== undefined && isAtEnd === true && sameFailure(failure, wanted);
}

/** Whether the search has run the path already, or knows that one of its steps cannot be taken. */
function isRecorded<Args>(root: State, path: Path, actions: readonly Action<Args>[]): boolean {
  let from = root;
  for (const step of path) {
    const action = searched(step, from, actions);
    if (action === undefined) return false;
    const to = next(from, action);
    // What threw is not recorded. It would have been reported, too.
    if (to === undefined) return from.expansion === "done" && from.openEdges === 0;
    from = to;
  }
  return true;
}

/** The step as the search would have taken it, if it has this input in the state. */
function searched<Args>(
  step: PathStep,
  from: State,
  actions: readonly Action<Args>[],
): PathStep | undefined {
  const key = inputKey(step);
  if (key === undefined) return step;
  const action = actionNumber(step);
  return inputAt(actions, action, from)?.key === key ? action : undefined;
}
