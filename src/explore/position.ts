import type { State } from "./graph.ts";

/** Where the subject is, and where the search has come to. */
export interface Position {
  /** The state the subject is in; `undefined` after a step that did not end in a known state. */
  readonly here: () => State | undefined;
  /** The state that the search has come to: an assistant may have been there in the subject's stead. */
  readonly reached: () => State | undefined;
  readonly arrived: (state: State) => void;
  /** An assistant was in the state; the subject stays where it is. */
  readonly sent: (state: State) => void;
  readonly lost: () => void;
}

/** Starts in the initial state. */
export function createPosition(root: State): Position {
  let here: State | undefined = root;
  let elsewhere: State | undefined;

  function moved(to: State | undefined): void {
    here = to;
    elsewhere = undefined;
  }

  return {
    here: () => here,
    reached: () => elsewhere ?? here,
    arrived: moved,
    sent: (state) => void (elsewhere = state),
    lost: () => moved(undefined),
  };
}
