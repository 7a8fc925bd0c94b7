import type { Diff, Observation } from "../adapter.ts";
import type { Opened } from "../define-adapter.ts";

/** A checkpoint, as the mode that made it keeps it. */
export interface SavedState {
  readonly restore: () => Promise<void>;
  readonly release: () => Promise<void>;
  /** The net difference from it to the current state. */
  readonly diff: () => Promise<Diff>;
}

/** One way to roll a database back. */
export interface Mode extends Opened {
  readonly save: () => Promise<SavedState>;
  readonly observe: (onText?: (text: string) => void) => Promise<Observation>;
  /** Frees what the mode has opened and leaves a test database as it was found. */
  readonly close: () => Promise<void>;
}
