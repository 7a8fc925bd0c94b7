import { show, usageError, type ExploreError } from "../errors.ts";
import type { PathStep } from "../trace/path-codec.ts";
import { isPromise } from "./awaitable.ts";
import { actionAt } from "./branch.ts";
import { ending, failureOf } from "./failures.ts";
import type { Edge, Frontier } from "./frontier.ts";
import type { State } from "./graph.ts";
import { isRepeated } from "./inputs.ts";
import type { Marks } from "./marks.ts";
import type { Action } from "./model.ts";
import type { Steps } from "./steps.ts";
import type { Travel } from "./travel.ts";

/** Finds the edges of states and hands them out, each once. */
export interface Expansion {
  /** Whether the state's edges are wanted and not known. */
  readonly isDue: (state: State) => boolean;
  /** Asks an action's `enabled` in the state, where the subject must be; returns its edge, if any. */
  readonly ask: (from: State, action: PathStep, branch: () => string) => Promise<Edge | undefined>;
  /** Marks the state, where the subject must be, asks every `enabled` there and adds its edges. */
  readonly expand: (state: State, branch: () => string) => Promise<void>;
  /** The state cannot be reached to be asked: every edge it may have fails for that reason. */
  readonly refuse: (state: State, error: unknown) => void;
  /** Adds the edges that an assistant has found in the state: the actions enabled there. */
  readonly adopt: (state: State, enabled: readonly number[]) => Promise<void>;
  /** Asks later: the subject is elsewhere. */
  readonly postpone: (state: State) => void;
  /** The next edge to run, or to ask for; it counts as open until it is `done`. */
  readonly next: () => Edge | undefined;
  /** Edges that will be next soon, without taking them. */
  readonly peek: (most: number) => readonly Edge[];
  /** The edge was run. Gives the checkpoint of its state up with the state's last edge. */
  readonly done: (edge: Edge) => Promise<void>;
  /** Edges found and not run. */
  readonly open: () => number;
  /** Whether any state enabled the action. */
  readonly wasEnabled: (action: number) => boolean;
}

interface ExpansionOptions<Args> {
  readonly actions: readonly Action<Args>[];
  /** States that far from the initial state are not expanded. */
  readonly depth: number;
  readonly frontier: Frontier;
  readonly marks: Marks;
  readonly steps: Steps<Args>;
  readonly travel: Travel;
}

type KnownEdge = Edge & { readonly action: number };

/** Starts without edges. */
export function createExpansion<Args>(options: ExpansionOptions<Args>): Expansion {
  const { actions, depth, frontier, marks, travel } = options;
  const ask = asker(options);
  const enabledOnce = new Set<number>();
  let open = 0;

  function add(state: State, edges: readonly Edge[]): void {
    open += edges.length - (state.expansion === "queued" ? 1 : 0);
    state.expansion = "done";
    state.openEdges = edges.length;
    frontier.push(edges);
  }

  async function found(state: State, enabled: readonly KnownEdge[]): Promise<void> {
    for (const { action } of enabled) enabledOnce.add(action);
    const edges = enabled.filter(({ action }) => !isRepeated(actions, action, state));
    add(state, edges);
    if (edges.length === 0) await marks.release(state);
  }

  return {
    ask,
    isDue: ({ sound, expansion, depth: at }) => sound && expansion !== "done" && at < depth,
    expand: async (state, branch) => {
      await marks.take(state);
      const edges: KnownEdge[] = [];
      for (let action = 0; action < actions.length; action += 1) {
        // One that threw may have changed something after all.
        if (travel.here() !== state) await travel.to(state);
        const edge = await ask(state, action, branch);
        if (edge !== undefined) edges.push({ ...edge, action });
      }
      await found(state, edges);
    },
    adopt: (state, enabled) => found(state, edgesOf(state, enabled)),
    refuse: (state, error) =>
      add(
        state,
        actions.map((_, action) => ({ from: state, action, thrown: { error } })),
      ),
    postpone: (state) => {
      state.expansion = "queued";
      open += 1;
      frontier.push([{ from: state, action: undefined }]);
    },
    next: () => {
      for (;;) {
        const edge = frontier.pop(travel.reached());
        // A postponed question may have been answered by a branch that came by in the meantime.
        if (edge?.action !== undefined || edge?.from.expansion !== "done") return edge;
      }
    },
    peek: (most) => frontier.peek(travel.reached(), most),
    done: async ({ from }) => {
      open -= 1;
      from.openEdges -= 1;
      if (from.openEdges === 0) await marks.release(from);
    },
    open: () => open,
    wasEnabled: (action) => enabledOnce.has(action),
  };
}

function edgesOf(from: State, actions: readonly number[]): readonly KnownEdge[] {
  return actions.map((action) => ({ from, action }));
}

/** Returns the function that finds the edge of an action. */
export function asker<Args>({
  actions,
  steps,
  travel,
}: Pick<ExpansionOptions<Args>, "actions" | "steps" | "travel">): Expansion["ask"] {
  return async (from, action, branch) => {
    const { name, enabled } = actionAt(actions, action);
    if (enabled === undefined) return { from, action };
    let answer: unknown;
    try {
      const step = steps.begin({ branch, replayed: false });
      answer = steps.call(step, `enabled of action "${name}"`, enabled);
      if (isPromise(answer)) answer = await answer;
    } catch (error) {
      failureOf(error);
      travel.lost();
      return { from, action, thrown: { error } };
    }
    if (typeof answer !== "boolean") throw ending(notBoolean(name, answer));
    return answer ? { from, action } : undefined;
  };
}

function notBoolean(name: string, answer: unknown): ExploreError {
  return usageError(
    `enabled of action "${name}"`,
    `answered ${show(answer)}, not true or false`,
    "Return whether the action can be taken, e.g. `context.orderId !== undefined`.",
  );
}
