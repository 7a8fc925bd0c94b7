import type { Diff, Observation } from "../adapter.ts";
import type { Opened } from "../define-adapter.ts";

/** A checkpoint, by the mode that made it. */
export interface SavedState {
  readonly restore: () => Promise<void>;
  readonly release: () => Promise<void>;
  readonly diff: () => Promise<Diff>;
}

/** A way to roll a database back. */
export interface Mode extends Opened {
  readonly save: () => Promise<SavedState>;
  readonly observe: (onText?: (text: string) => void) => Promise<Observation>;
  /** Frees what the mode has opened; the database itself is left as it is. */
  readonly close: () => Promise<void>;
}

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
