import type { Subject } from "./model.ts";
import type { State } from "./graph.ts";

/** The checkpoints of states that the subject can still roll back to. */
export interface Marks {
  readonly has: (state: State) => boolean;
  /** Takes a checkpoint of the state that the subject is in, unless it has one. */
  readonly take: (state: State) => Promise<void>;
  /** Rolls back to a state that has a checkpoint. On a stack, later ones are gone. */
  readonly rollback: (state: State) => Promise<void>;
  /**
   * Gives the checkpoint of a state up. On a stack only the topmost can go, since releasing a
   * savepoint releases those above it; others go when the stack is rolled back past them, or at the end.
   */
  readonly release: (state: State) => Promise<void>;
  /** Gives all checkpoints up, latest first, except the initial state's. */
  readonly releaseAll: () => Promise<void>;
}

/** Starts with the checkpoint of the initial state, which is never given up. */
export function createMarks<Mark>(
  subject: Pick<Subject<unknown, Mark>, "history" | "checkpoint" | "rollback" | "release">,
  root: { readonly state: State; readonly mark: Mark },
): Marks {
  const marks = new Map<State, Mark>([[root.state, root.mark]]);
  /** States in the order of their checkpoints; kept for a stack only. */
  const stack: State[] = [];
  const isStack = subject.history === "stack";

  async function forget(state: State, mark: Mark): Promise<void> {
    marks.delete(state);
    await subject.release(mark);
  }

  return {
    has: (state) => marks.has(state),
    take: async (state) => {
      if (marks.has(state)) return;
      const mark = await subject.checkpoint();
      marks.set(state, mark);
      if (isStack) stack.push(state);
    },
    rollback: async (state) => {
      // Has one: `has` was asked. The cast is for a `Mark` that may itself be undefined.
      await subject.rollback(marks.get(state) as Mark);
      if (!isStack) return;
      for (let top = stack.at(-1); top !== undefined && top !== state; top = stack.at(-1)) {
        marks.delete(top);
        stack.pop();
      }
    },
    release: async (state) => {
      if (state === root.state || !marks.has(state)) return;
      if (isStack && stack.at(-1) !== state) return;
      if (isStack) stack.pop();
      await forget(state, marks.get(state) as Mark);
    },
    releaseAll: async () => {
      stack.length = 0;
      for (const [state, mark] of [...marks].toReversed()) {
        if (state !== root.state) await forget(state, mark);
      }
    },
  };
}
