/** Signs that say what a colour says too, so that nobody needs to tell colours apart. */
export const MARKS = {
  failed: "✕",
  passed: "✓",
  stays: "↻",
  leaves: "↩\uFE0E",
} as const;
