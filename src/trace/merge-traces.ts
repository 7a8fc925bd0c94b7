import type { Trace, TracedState, TracedTransition } from "./trace.ts";

/** What is known of the whole exploration otherwise. */
export interface Whole {
  readonly summary: Trace["summary"];
  /** The names of the branches that are told: of several that are one transition one is. */
  readonly branches: ReadonlySet<string>;
}

/**
 * Makes one trace of those that the shards of an exploration have recorded, as a breadth-first search
 * would have recorded it.
 *
 * @param traces - One or more.
 */
export function mergeTraces(traces: readonly [Trace, ...Trace[]], whole: Whole): Trace {
  const [first] = traces;
  const { shard: _, ...settings } = first.settings;
  const states = firstOf(
    traces.flatMap((trace) => trace.states),
    ({ fingerprint }) => fingerprint,
  );
  const numbers = new Map(states.map(({ fingerprint }, index) => [fingerprint, index]));
  return {
    ...first,
    settings,
    states,
    transitions: firstOf(
      traces.flatMap((trace) => trace.transitions.map(renumber(trace.states, numbers))),
      ({ from, action }) => `${from} ${action}`,
    ),
    branches: firstOf(
      traces.flatMap((trace) => trace.branches.filter(({ name }) => whole.branches.has(name))),
      ({ name }) => name,
    ),
    witnesses: firstOf(
      traces.flatMap((trace) => trace.witnesses),
      ({ invariant }) => invariant,
    ),
    summary: whole.summary,
  };
}

/** Of what has the same key the one with the first path, in the order of paths. */
function firstOf<T extends { readonly path: string }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly T[] {
  const known = new Map<string, T>();
  for (const item of items.toSorted((a, b) => byPath(a.path, b.path))) {
    if (!known.has(keyOf(item))) known.set(keyOf(item), item);
  }
  return [...known.values()];
}

function renumber(
  states: readonly TracedState[],
  numbers: ReadonlyMap<string, number>,
): (transition: TracedTransition) => TracedTransition {
  const numberOf = (state: number): number => numbers.get(states[state]?.fingerprint ?? "") ?? 0;
  return (transition) => ({
    ...transition,
    from: numberOf(transition.from),
    ...(transition.to !== undefined && { to: numberOf(transition.to) }),
  });
}

/** Shorter paths first, those of one length by the numbers of their actions. */
export function byPath(a: string, b: string): number {
  const [left, right] = [stepsOf(a), stepsOf(b)];
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((action, index) => action !== right[index]);
  // Inputs of one action have no order of their own.
  if (at === -1) return a < b ? -1 : Number(a > b);
  return (left[at] ?? 0) - (right[at] ?? 0);
}

function stepsOf(path: string): readonly number[] {
  return path
    .split("/")
    .filter(Boolean)
    .map((step) => Number.parseInt(step, 10));
}
