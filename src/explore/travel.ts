import { leadsNowhere, type State, type Transition } from "./graph.ts";
import type { Marks } from "./marks.ts";
import type { Action, Present, Recording } from "./model.ts";
import { createPosition, type Position } from "./position.ts";
import { replayer } from "./replay.ts";
import type { Steps } from "./steps.ts";

/** Who wants to know what happens on the way. */
export interface Observer {
  readonly recording: Recording;
  /** The step of that index is over, in whatever way. */
  readonly ended: (index: number) => Promise<void>;
}

/** Reaches states by rollback and replay; the only caller of `rollback`. */
export interface Travel extends Position {
  /**
   * Reaches a state by the shortest way: from where the subject is, or from the nearest
   * checkpoint on the state's path.
   *
   * @throws ExploreError `EXPLORE_REPLAY_DIVERGED` when a replayed step ended elsewhere.
   */
  readonly to: (target: State) => Promise<void>;
  /** Reaches the end of a path from the initial state, replaying every step. Throws as `to`. */
  readonly fromRoot: (path: readonly Transition[], observer?: Observer) => Promise<void>;
  /** Counts a step that was run again for another purpose than to get somewhere. */
  readonly countReplay: () => void;
  readonly replayedSteps: () => number;
}

interface TravelOptions<Args> {
  readonly subject: Present<Args>;
  readonly actions: readonly Action<Args>[];
  readonly root: State;
  readonly marks: Marks;
  readonly steps: Steps<Args>;
}

/** Starts in the initial state. */
export function createTravel<Args>(options: TravelOptions<Args>): Travel {
  const { root, marks, subject } = options;
  const position = createPosition(root);
  const { here, arrived, lost } = position;
  let replayedSteps = 0;
  const replayStep = replayer({ ...options, describeAt });

  async function rollback(state: State): Promise<void> {
    lost();
    await marks.rollback(state);
    arrived(state);
  }

  /** The state of the first run can be described only where there is a way back to it. */
  async function describeAt(state: State): Promise<string | undefined> {
    if (subject.describe === undefined || !marks.has(state)) return undefined;
    await rollback(state);
    return subject.describe();
  }

  async function replay(way: readonly Transition[], observer?: Observer): Promise<void> {
    for (const [index, { to }] of way.entries()) {
      lost();
      replayedSteps += 1;
      try {
        await replayStep(way, index, observer?.recording);
      } finally {
        await observer?.ended(index);
      }
      arrived(to);
      // On a stack the branches nearby would replay the same way, so it is marked as it is passed.
      if (subject.history === "stack" && index < way.length - 1) await marks.take(to);
    }
  }

  async function reach(target: State): Promise<void> {
    // What was written after a state was named would be taken for the next step's doing.
    if (here() !== undefined) await subject.assertSettled?.();
    if (here() === target) return arrived(target);
    const way: Transition[] = [];
    let base = target;
    while (base !== here() && !marks.has(base)) {
      if (base.arrival === undefined) throw leadsNowhere(target);
      way.push(base.arrival);
      base = base.arrival.from;
    }
    if (base !== here()) await rollback(base);
    await replay(way.toReversed());
  }

  return {
    ...position,
    to: async (target) => {
      await reach(target);
      // It will be come back to. A stack may have lost its checkpoint; a tree still has it.
      if (target.openEdges > 1) await marks.take(target);
    },
    fromRoot: async (path, observer) => {
      if (here() !== undefined) await subject.assertSettled?.();
      await rollback(root);
      await replay(path, observer);
    },
    countReplay: () => void (replayedSteps += 1),
    replayedSteps: () => replayedSteps,
  };
}
