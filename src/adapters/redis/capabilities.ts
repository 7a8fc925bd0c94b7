/** What every mode can undo. */
export const CAPABILITIES = {
  history: "tree",
  scope: "server",
  schema: false,
  counters: true,
} as const;

/** What no mode puts back. */
export const NOT_RESTORED = [
  "what was published to channels",
  "functions and scripts",
  "SWAPDB by the app",
  "other databases of the server",
] as const;
