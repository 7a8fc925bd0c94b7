import type { PathStep } from "../../trace/path-codec.ts";
import { asker } from "../expansion.ts";
import { isDivergence } from "../failures.ts";
import { createGraph, type Graph, type State } from "../graph.ts";
import { createMarks } from "../marks.ts";
import type { Action, Subject } from "../model.ts";
import type { Branch } from "../records.ts";
import type { Steps } from "../steps.ts";
import { createTravel, type Travel } from "../travel.ts";
import type { WayStep } from "./errand.ts";

/** The states that an assistant has been in or was told of, and its ways to them. */
export interface Ground {
  readonly root: State;
  readonly travel: Travel;
  /**
   * Goes to the end of a way and marks the state there.
   *
   * @returns `undefined` when the way leads elsewhere in this world.
   */
  readonly goTo: (way: readonly WayStep[]) => Promise<State | undefined>;
  /** Records that the subject is where an action has led. */
  readonly arrive: (from: State, action: PathStep, fingerprint: string) => State;
  /** Asks which actions are enabled in the state that the subject is in; `undefined`: one threw. */
  readonly enabledIn: (state: State, branch: Branch) => Promise<readonly number[] | undefined>;
  readonly release: (fingerprint: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface GroundOptions<Args, Mark> {
  readonly subject: Subject<Args, Mark>;
  readonly actions: readonly Action<Args>[];
  readonly steps: Steps<Args>;
}

/** Starts in the initial state. */
export async function createGround<Args, Mark>(
  options: GroundOptions<Args, Mark>,
): Promise<Ground> {
  const { subject, actions, steps } = options;
  const mark = await subject.checkpoint();
  const graph = createGraph(await subject.fingerprint());
  const { root } = graph;
  const marks = createMarks(subject, { state: root, mark });
  const travel = createTravel({ subject, actions, root, marks, steps });
  const ask = asker({ actions, steps, travel });
  const marked = new Map<string, State>();
  const known = new WeakMap<State, readonly number[]>();

  async function take(state: State): Promise<void> {
    marked.set(state.fingerprint, state);
    await marks.take(state);
  }

  return {
    root,
    travel,
    goTo: async (way) => {
      const state = endOf(way, graph);
      if (state === undefined) return undefined;
      try {
        await travel.to(state);
      } catch (error) {
        if (isDivergence(error)) return undefined;
        throw error;
      }
      await take(state);
      return state;
    },
    arrive: (from, action, fingerprint) => {
      const { to } = graph.record(from, action, fingerprint);
      travel.arrived(to);
      return to;
    },
    enabledIn: async (state, branch) => {
      const before = known.get(state);
      if (before !== undefined) return before;
      await take(state);
      const enabled: number[] = [];
      for (const action of actions.keys()) {
        const edge = await ask(state, action, () => branch.name);
        if (edge?.thrown !== undefined) return undefined;
        if (edge !== undefined) enabled.push(action);
      }
      known.set(state, enabled);
      return enabled;
    },
    release: async (fingerprint) => {
      const state = marked.get(fingerprint);
      marked.delete(fingerprint);
      if (state !== undefined) await marks.release(state);
    },
    close: () => marks.releaseAll(),
  };
}

function endOf(way: readonly WayStep[], { root, record }: Graph): State | undefined {
  let state = root;
  for (const { action, fingerprint } of way) {
    const { to } = record(state, action, fingerprint);
    if (to.fingerprint !== fingerprint) return undefined;
    state = to;
  }
  return state;
}
