import { ExploreError, familyOf, isExploreError } from "../errors.ts";
import { isPromise } from "./awaitable.ts";
import { ending } from "./failures.ts";
import type { Awaitable, Subject } from "./model.ts";

/**
 * Makes sure that whatever a subject throws is told apart from what the user's functions throw:
 * it comes as an `ExploreError`, and a wrong use of an option ends the exploration.
 */
export function guardSubject<Args, Mark>(subject: Subject<Args, Mark>): Subject<Args, Mark> {
  const { describe, assertSettled, record } = subject;
  return {
    history: subject.history,
    ...(record && { record }),
    checkpoint: () => guard("checkpoint", subject.checkpoint),
    rollback: (to) => guard("rollback", () => subject.rollback(to)),
    release: (mark) => guard("release", () => subject.release(mark)),
    fingerprint: () => guard("fingerprint", subject.fingerprint),
    ...(assertSettled && { assertSettled: () => guard("assertSettled", assertSettled) }),
    args: (step) => {
      try {
        return subject.args(step);
      } catch (error) {
        throw told("args", error);
      }
    },
    ...(describe === undefined ? {} : { describe: () => guard("describe", describe) }),
  };
}

function guard<T>(verb: string, run: () => Awaitable<T>): Awaitable<T> {
  try {
    const result = run();
    return isPromise(result)
      ? Promise.resolve(result).catch((error: unknown) => {
          throw told(verb, error);
        })
      : result;
  } catch (error) {
    throw told(verb, error);
  }
}

function told(verb: string, error: unknown): ExploreError {
  if (isExploreError(error)) {
    const family = familyOf(error);
    return family === "usage" || family === "finding" ? ending(error) : error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ExploreError("EXPLORE_ADAPTER_FAILED", `${verb} failed: ${reason}`, {
    cause: error,
    details: { verb },
  });
}
