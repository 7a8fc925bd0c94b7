import { ExploreError } from "../errors.ts";
import { isPromise } from "./awaitable.ts";
import { GRACE_MS } from "./budget.ts";
import { clock, type Timer } from "./clock.ts";
import { ending } from "./failures.ts";
import type { Awaitable, Input, StepInfo, Subject } from "./model.ts";

/** What a step is taken for. */
export interface Purpose {
  /** The branch that is running. A function: naming costs as much as the path is long. */
  readonly branch: () => string;
  readonly replayed: boolean;
  /** What was generated for the action. */
  readonly input?: Input | undefined;
}

/** One step: the arguments of the user's functions, and the way to tell them that time is up. */
export interface Step<Args> {
  readonly purpose: Purpose;
  readonly args: Args;
  readonly expire: (reason: Error) => void;
}

/** Calls the user's functions, within the step's time and until the exploration is aborted. */
export interface Steps<Args> {
  readonly begin: (purpose: Purpose) => Step<Args>;
  /**
   * Calls one function. What it returns without a promise comes back without one.
   *
   * @param what - Names the function in an error, e.g. `action "refund"`.
   * @throws ExploreError `EXPLORE_STEP_TIMEOUT` when it did not settle in time.
   */
  readonly call: <T>(
    step: Step<Args>,
    what: string,
    run: (args: Args) => Awaitable<T>,
  ) => Awaitable<T>;
  /** @throws The error that `isAbort` knows when the exploration was aborted. */
  readonly throwIfAborted: () => void;
  readonly isAbort: (error: unknown) => boolean;
  /** Stops listening to the signal of the exploration. */
  readonly dispose: () => void;
}

interface StepsOptions<Args> {
  readonly subject: Pick<Subject<Args>, "args">;
  readonly stepTimeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Listens to the signal until disposed of. */
export function createSteps<Args>({
  subject,
  stepTimeoutMs,
  signal,
}: StepsOptions<Args>): Steps<Args> {
  const aborted = ending(new ExploreError("EXPLORE_USAGE", "The exploration was aborted."));
  // One listener for the exploration: adding one for each step would be most of a step's cost.
  let interrupt: (() => void) | undefined;
  const onAbort = (): void => interrupt?.();
  signal.addEventListener("abort", onAbort);

  function settle<T>(step: Step<Args>, what: string, running: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let verdict: Error | undefined;
      let timer: Timer | undefined;
      const finish = (settled: () => void): void => {
        clock.cancel(timer);
        interrupt = undefined;
        settled();
      };
      // The step is told, and may still come to an end before its late writes can do harm.
      const stop = (reason: Error, unsettled: Error): void => {
        verdict = reason;
        clock.cancel(timer);
        timer = clock.after(() => finish(() => reject(unsettled)), GRACE_MS);
        step.expire(reason);
      };
      running.then(
        (value) => finish(() => (verdict === undefined ? resolve(value) : reject(verdict))),
        (error: unknown) => finish(() => reject(verdict ?? error)),
      );
      interrupt = () => stop(aborted, aborted);
      if (signal.aborted) interrupt();
      else if (stepTimeoutMs !== undefined) {
        const late = { branch: step.purpose.branch(), what, stepTimeoutMs };
        timer = clock.after(() => stop(stepTimeout(late), neverSettled(late)), stepTimeoutMs);
      }
    });
  }

  return {
    begin: (purpose) => beginStep(subject, purpose),
    call: (step, what, run) => {
      const result = run(step.args);
      return isPromise(result) ? settle(step, what, result) : result;
    },
    throwIfAborted: () => {
      if (signal.aborted) throw aborted;
    },
    isAbort: (error) => error === aborted,
    dispose: () => signal.removeEventListener("abort", onAbort),
  };
}

function beginStep<Args>(subject: Pick<Subject<Args>, "args">, purpose: Purpose): Step<Args> {
  let controller: AbortController | undefined;
  let expired: Error | undefined;
  const info: StepInfo = {
    get branch() {
      return purpose.branch();
    },
    replayed: purpose.replayed,
    input: purpose.input,
    // Made only for those who ask: a signal costs more than all else in a step.
    get signal() {
      controller ??= new AbortController();
      if (expired !== undefined) controller.abort(expired);
      return controller.signal;
    },
  };
  return {
    purpose,
    args: subject.args(info),
    expire: (reason) => {
      expired = reason;
      controller?.abort(reason);
    },
  };
}

interface Late {
  readonly branch: string;
  readonly what: string;
  readonly stepTimeoutMs: number;
}

function stepTimeout({ branch, what, stepTimeoutMs }: Late): ExploreError {
  return new ExploreError(
    "EXPLORE_STEP_TIMEOUT",
    `${branch}: ${what} did not settle within ${stepTimeoutMs} ms (stepTimeoutMs).\n` +
      "Find what it waits for, or raise `stepTimeoutMs`.",
    { details: { branch, what, stepTimeoutMs } },
  );
}

function neverSettled({ branch, what, stepTimeoutMs }: Late): ExploreError {
  return ending(
    new ExploreError(
      "EXPLORE_STEP_TIMEOUT",
      `${branch}: ${what} did not settle within ${stepTimeoutMs} ms (stepTimeoutMs), ` +
        `nor within ${GRACE_MS} ms after its signal was aborted.\n` +
        "It is still running, and what it writes later would show up in other branches, so the " +
        "exploration was ended.\n" +
        "Pass `signal` on to whatever it waits for, or raise `stepTimeoutMs`.",
      { details: { branch, what, stepTimeoutMs, graceMs: GRACE_MS } },
    ),
  );
}
