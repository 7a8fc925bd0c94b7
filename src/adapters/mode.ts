import type { Adapter, Diff, Observation } from "./adapter.ts";
import type { Opened } from "./define-adapter.ts";
import { defineAdapter } from "./define-adapter.ts";

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

/** How a database is taken into use, and left. */
export interface ModeUse {
  readonly start: () => Promise<Mode>;
  /** Runs after the mode has ended, also when none was started. */
  readonly leave: () => Promise<void>;
}

/** Makes the adapter of a database whose way to roll back is decided when it is opened. */
export function modeAdapter(system: string, { start, leave }: ModeUse): Adapter {
  let mode: Mode | undefined;
  return defineAdapter<SavedState>(system, {
    open: async () => {
      mode = await start();
      return mode;
    },
    save: () => opened(mode).save(),
    restore: (saved) => saved.restore(),
    forget: (saved) => saved.release(),
    diff: (saved) => saved.diff(),
    observe: (onText) => opened(mode).observe(onText),
    close: async () => {
      try {
        await mode?.close();
      } finally {
        await leave();
      }
    },
  });
}

/** `defineAdapter` calls no other hook before `open` has succeeded. */
function opened(mode: Mode | undefined): Mode {
  if (mode === undefined) throw new Error("the database is not open");
  return mode;
}
