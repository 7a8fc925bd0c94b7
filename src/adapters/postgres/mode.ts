import type { Diff, Observation } from "../adapter.ts";
import type { Opened } from "../define-adapter.ts";
import type { Driver } from "./driver.ts";

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

/** The database a mode works with. */
export interface ModeTarget {
  /** The name the user gave it. */
  readonly system: string;
  readonly database: string;
  /** A database that it was copied from and that nobody writes to; `undefined` when there is none. */
  readonly origin?: string | undefined;
  readonly driver: Driver;
  /** Whether the database is the user's own, to be left as it was found. */
  readonly isGiven: boolean;
  readonly schemas: readonly string[] | undefined;
  readonly quiescenceMs: number;
}
