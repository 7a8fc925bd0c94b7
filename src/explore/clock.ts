/**
 * The clock as it was when this module was loaded: a spec that freezes time for its app must not
 * freeze the limits of the exploration.
 */
export const clock = {
  /** Milliseconds, monotonic. */
  now: performance.now.bind(performance),
  /** Milliseconds since the epoch. */
  epoch: Date.now,
  after: globalThis.setTimeout,
  cancel: globalThis.clearTimeout,
} as const;

/** What `clock.after` returns. */
export type Timer = ReturnType<typeof globalThis.setTimeout>;
