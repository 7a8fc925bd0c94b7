import { attempter, type AttemptOptions, type BranchPlan, type Ended } from "./attempt.ts";
import type { RunOnce } from "./attempt.ts";
import { clock } from "./clock.ts";
import {
  failureOf,
  isDivergence,
  replayDiverged,
  sameFailure,
  tellFailure,
  tellState,
} from "./failures.ts";
import { follow } from "./graph.ts";
import type { Attempt, Failure } from "./records.ts";

/** How a branch ended. */
export interface BranchResult {
  /** First attempt first; never empty. */
  readonly attempts: readonly Attempt[];
  /** The last attempt's failure. */
  readonly failure: Failure | undefined;
  /** The state that the last attempt ended in, when it got so far. */
  readonly fingerprint: string | undefined;
}

interface RunnerOptions<Args> extends AttemptOptions<Args> {
  /** How often a failed branch is run again. */
  readonly retry: number;
}

/** Returns the function that runs one branch, as often as it takes to believe the result. */
export function branchRunner<Args>(
  options: RunnerOptions<Args>,
): (plan: BranchPlan) => Promise<BranchResult> {
  const { steps, travel, retry } = options;
  const runOnce = attempter(options);
  const confirm = confirmer(options, runOnce);

  async function runAgain(plan: BranchPlan): Promise<Ended> {
    try {
      await travel.to(plan.from);
    } catch (error) {
      return { failure: failureOf(error), fingerprint: undefined };
    }
    return runOnce(plan, true);
  }

  return async (plan) => {
    let ended = await timed(() => runOnce(plan, false));
    const earlier: Attempt[] = [];
    while (ended.failure !== undefined && earlier.length < retry) {
      earlier.push(ended.attempt);
      ended = await timed(() => runAgain(plan));
    }
    let { failure, attempt } = ended;
    if (plan.confirmed && (failure?.kind === "violation" || failure?.kind === "error")) {
      failure = await confirm(plan, { ...ended, failure });
      attempt = { ...attempt, failure };
    }
    // Settled or not: what an aborted exploration saw last may be the abort's own doing.
    steps.throwIfAborted();
    return { attempts: [...earlier, attempt], failure, fingerprint: ended.fingerprint };
  };
}

/**
 * Returns the function that replays a failed branch from the initial state. The result is the
 * failure that was seen first or, when the replay went another way, `EXPLORE_REPLAY_DIVERGED`.
 */
function confirmer<Args>(
  { root, travel }: AttemptOptions<Args>,
  runOnce: RunOnce,
): (plan: BranchPlan, first: Ended & { readonly failure: Failure }) => Promise<Failure> {
  return async (plan, { failure: first, fingerprint }) => {
    const { path, steps } = plan.branch;
    const failed = `failed: ${tellFailure(first)}`;
    const unlike = (expected: string, actual: string): Failure => {
      const at = { steps, step: steps.length - 1, expected, actual };
      return { kind: "diverged", error: replayDiverged(at, first.error) };
    };
    let second: Ended;
    try {
      await travel.fromRoot(follow(root, path.slice(0, -1)));
      if (plan.action !== undefined) travel.countReplay();
      second = await runOnce(plan, true);
    } catch (error) {
      const failure = failureOf(error);
      if (!isDivergence(error)) return unlike(failed, tellFailure(failure));
      // The report shows where the replay went astray, and below it what the first run had found.
      if (error instanceof Error) error.cause ??= first.error;
      return failure;
    }
    if (second.failure === undefined) return unlike(failed, "passed");
    if (!sameFailure(first, second.failure)) {
      return unlike(failed, `failed: ${tellFailure(second.failure)}`);
    }
    if (fingerprint === second.fingerprint) return first;
    return unlike(tellState(fingerprint), tellState(second.fingerprint));
  };
}

async function timed(run: () => Promise<Ended>): Promise<Ended & { readonly attempt: Attempt }> {
  const startTimeMs = clock.epoch();
  const startMs = clock.now();
  const ended = await run();
  const { failure } = ended;
  const durationMs = clock.now() - startMs;
  return { ...ended, attempt: { startTimeMs, durationMs, ...(failure && { failure }) } };
}
