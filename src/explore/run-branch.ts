import { attempter, type AttemptOptions, type BranchPlan, type Ended } from "./attempt.ts";
import type { RunOnce } from "./attempt.ts";
import type { Recording } from "./model.ts";
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
import { inputAt, nameInputs, takesInputs } from "./inputs.ts";
import type { TracedStep } from "../trace/trace.ts";
import type { Attempt, Branch, Failure } from "./records.ts";

/** How a branch ended. */
export interface BranchResult {
  /** First attempt first; never empty. */
  readonly attempts: readonly Attempt[];
  /** The last attempt's failure. */
  readonly failure: Failure | undefined;
  /** The state that the last attempt ended in, when it got so far. */
  readonly fingerprint: string | undefined;
  /** What happened in the last step, when everything is recorded. */
  readonly step?: TracedStep;
}

interface RunnerOptions<Args> extends AttemptOptions<Args> {
  /** How often a failed branch is run again. */
  readonly retry: number;
  /** Tell also the steps that fail nothing. */
  readonly tellAll: boolean;
}

/** Returns the function that runs one branch, as often as it takes to believe the result. */
export function branchRunner<Args>(
  options: RunnerOptions<Args>,
): (plan: BranchPlan) => Promise<BranchResult> {
  const { steps, travel, retry, subject, tellAll } = options;
  const runOnce = attempter(options);
  const confirm = confirmer(options, runOnce);

  async function runAgain(plan: BranchPlan, recording: Recording | undefined): Promise<Ended> {
    try {
      await travel.to(plan.from);
    } catch (error) {
      return { failure: failureOf(error), fingerprint: undefined };
    }
    return runOnce(plan, { isRepeated: true, recording });
  }

  async function runOften(plan: BranchPlan): Promise<Often> {
    let recording = plan.action === undefined ? undefined : subject.record?.();
    let ended = await timed(() => runOnce(plan, { isRepeated: false, recording }));
    const earlier: Attempt[] = [];
    while (ended.failure !== undefined && earlier.length < retry) {
      earlier.push(ended.attempt);
      recording &&= subject.record?.();
      ended = await timed(() => runAgain(plan, recording));
    }
    return { ...ended, earlier, recording };
  }

  const lastStep = stepTeller(options);
  const named = replayNamer(options);

  return async (plan) => {
    const often = await runOften(plan);
    const { earlier, fingerprint } = often;
    let { failure, attempt } = often;
    const told = tellAll || failure !== undefined ? often.recording : undefined;
    const step = told && (await lastStep(plan, told));
    if (failure !== undefined) {
      if (told !== undefined && step !== undefined) failure = withSteps(failure, [step], told);
      if (plan.confirmed && (failure.kind === "violation" || failure.kind === "error")) {
        failure = await confirm(plan, { failure, fingerprint });
      }
      failure = named(plan, failure);
      attempt = { ...attempt, failure };
    }
    // Settled or not: what an aborted exploration saw last may be the abort's own doing.
    steps.throwIfAborted();
    return { attempts: [...earlier, attempt], failure, fingerprint, ...(step && { step }) };
  };
}

/** A branch that was run until it passed, or often enough. */
interface Often extends Ended {
  readonly attempt: Attempt;
  /** The attempts before the last. */
  readonly earlier: readonly Attempt[];
  /** Of the last attempt's last step. */
  readonly recording: Recording | undefined;
}

/**
 * Returns the function that replays a failed branch from the initial state. The result is the
 * failure as the replay showed it or, when the replay went another way, `EXPLORE_REPLAY_DIVERGED`.
 */
function confirmer<Args>(
  { root, travel, subject, actions }: AttemptOptions<Args>,
  runOnce: RunOnce,
): (plan: BranchPlan, first: Ended & { readonly failure: Failure }) => Promise<Failure> {
  async function replay(plan: BranchPlan, told: Told): Promise<Ended> {
    const { path, steps } = plan.branch;
    const recording = plan.action === undefined ? undefined : told.recording;
    const way = follow(root, path.slice(0, -1));
    const ended = async (index: number): Promise<void> => {
      const action = path[index];
      if (recording === undefined || action === undefined) return;
      const input = inputAt(actions, action, way[index]?.from ?? plan.from);
      const step = { number: index + 1, action: steps[index] ?? "", input };
      told.steps.push(await recording.end(step));
    };
    await travel.fromRoot(way, recording && { recording, ended });
    if (plan.action !== undefined) travel.countReplay();
    try {
      return await runOnce(plan, { isRepeated: true, recording });
    } finally {
      await ended(steps.length - 1);
    }
  }

  return async (plan, first) => {
    const told: Told = { steps: [], recording: subject.record?.() };
    let second: Ended | { readonly error: unknown };
    try {
      second = await replay(plan, told);
    } catch (error) {
      second = { error };
    }
    const failure = compare(plan.branch, first, second);
    return told.recording === undefined ? failure : withSteps(failure, told.steps, told.recording);
  };
}

/** The steps of a replay, as far as it got. */
interface Told {
  readonly steps: TracedStep[];
  readonly recording: Recording | undefined;
}

/** Tells the failure that was seen first from one that only one of two runs saw. */
function compare(
  { steps }: Branch,
  { failure: first, fingerprint }: Ended & { readonly failure: Failure },
  second: Ended | { readonly error: unknown },
): Failure {
  const failed = `failed: ${tellFailure(first)}`;
  const unlike = (expected: string, actual: string): Failure => {
    const at = { steps, step: steps.length - 1, expected, actual };
    return { kind: "diverged", error: replayDiverged(at, first.error) };
  };
  if ("error" in second) {
    const { error } = second;
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
  // The replay's own: its steps are told, and it may have met other ids.
  if (fingerprint === second.fingerprint) return second.failure;
  return unlike(tellState(fingerprint), tellState(second.fingerprint));
}

/** Adds what is known of the way, and tells the error's message in the same names. */
export function withSteps(
  failure: Failure,
  steps: readonly TracedStep[],
  recording: Recording,
): Failure {
  const { error } = failure;
  const raw = error instanceof Error ? error.message : error;
  return { ...failure, steps, ...(typeof raw === "string" && { message: recording.text(raw) }) };
}

/** Returns the function that tells a branch's last step. */
function stepTeller<Args>({
  actions,
}: AttemptOptions<Args>): (plan: BranchPlan, recording: Recording) => Promise<TracedStep> {
  return ({ branch: { steps }, action, from }, recording) => {
    const input = action === undefined ? undefined : inputAt(actions, action, from);
    return recording.end({ number: steps.length, action: steps.at(-1) ?? "", input });
  };
}

/** Returns the function that says how to run a failed branch again with the inputs that it had. */
function replayNamer<Args>({
  root,
  actions,
}: AttemptOptions<Args>): (plan: BranchPlan, failure: Failure) => Failure {
  return ({ branch: { path }, from }, failure) => {
    if (!takesInputs(path, actions)) return failure;
    const way = follow(root, path.slice(0, -1));
    const states = [...way.map((transition) => transition.from), from];
    const names = states.map(({ fingerprint }) => fingerprint);
    return { ...failure, replay: nameInputs(path, names, actions) };
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
