import type { Trace, TracedBranch, TracedTransition } from "../../trace/trace.ts";

/** An arrow of the drawing: the actions that lead from one state to another. */
export interface Arrow {
  readonly from: number;
  /** Absent when the actions failed on the way. */
  readonly to?: number;
  readonly actions: readonly string[];
  /** It is on the path of a branch that failed. */
  readonly onFailingPath: boolean;
  /** The failure of the branches that end with it. */
  readonly failure?: string;
}

/**
 * Makes the arrows of a trace: those of failing paths first, then the others as they were run.
 * Transitions between the same states share one, unless they differ in what became of them.
 */
export function arrowsOf(trace: Trace): readonly Arrow[] {
  const failed = new Map(
    trace.branches.flatMap((branch) => (branch.failure ? [[branch.path, branch] as const] : [])),
  );
  const failing = failingTransitions(trace, [...failed.values()]);
  const arrows = new Map<string, Arrow>();
  for (const transition of trace.transitions) {
    const { from, to, path } = transition;
    const onFailingPath = failing.has(transition);
    const failure = reasonOf(failed.get(path));
    const key = JSON.stringify([from, to, onFailingPath, failure]);
    const action = trace.actions[transition.action] ?? "";
    arrows.set(key, {
      from,
      ...(to !== undefined && { to }),
      actions: [...(arrows.get(key)?.actions ?? []), action],
      onFailingPath,
      ...(failure !== undefined && { failure }),
    });
  }
  const all = [...arrows.values()];
  return [
    ...all.filter(({ onFailingPath }) => onFailingPath),
    ...all.filter(({ onFailingPath }) => !onFailingPath),
  ];
}

/** Why a branch failed, in a few words. */
export function reasonOf(branch: TracedBranch | undefined): string | undefined {
  const failure = branch?.failure;
  return failure?.invariant ?? failure?.message.split("\n")[0];
}

/** The transitions that failing branches go through. */
function failingTransitions(
  { transitions }: Trace,
  failed: readonly TracedBranch[],
): ReadonlySet<TracedTransition> {
  const byStateAndAction = new Map(
    transitions.map((transition) => [`${transition.from} ${transition.action}`, transition]),
  );
  const found = new Set<TracedTransition>();
  for (const { path } of failed) {
    let state: number | undefined = 0;
    for (const action of path === "" ? [] : path.split("/")) {
      const transition = byStateAndAction.get(`${state} ${action}`);
      if (transition === undefined) break;
      found.add(transition);
      state = transition.to;
    }
  }
  return found;
}
