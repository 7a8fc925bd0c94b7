import type { Awaitable } from "./model.ts";

/** Tells a promise from a value: waiting for a value costs a turn of the event queue. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
