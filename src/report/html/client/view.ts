import { type Graph, parentOf, statesTo } from "./graph.ts";

/** As many states as fit on a drawing that can be read. */
const MOST_STATES = 80;

/** Which part of a graph is drawn: beneath a state, without the first of its children. */
export interface ViewStart {
  readonly root: number;
  readonly skip: number;
}

/** The states of a drawing. */
export interface View extends ViewStart {
  /** The root first, each after the state that it is reached from. */
  readonly states: readonly number[];
  readonly has: ReadonlySet<number>;
  /** By state: how many states beneath it are not drawn, and the view that shows them. */
  readonly more: ReadonlyMap<number, { readonly count: number; readonly start: ViewStart }>;
}

/** Chooses what is drawn of a graph. */
export interface Views {
  readonly from: (start: ViewStart) => View;
  /** The views from the whole graph to the one that shows a state. */
  readonly showing: (state: number) => readonly View[];
}

export const WHOLE: ViewStart = { root: 0, skip: 0 };

/** What views are chosen by. */
interface Plan {
  readonly graph: Graph;
  /** States that failures were found at, most interesting first. */
  readonly failing: readonly number[];
  readonly most: number;
  /** By state: those reached from it, ways to failures first. */
  readonly children: readonly (readonly number[])[];
  /** By state: how many states there are from it downwards, itself included. */
  readonly sizes: readonly number[];
}

/**
 * Shows a large graph in parts: first the ways to failures, then what is nearest to the root.
 *
 * @param failing - States that failures were found at, most interesting first.
 */
export function createViews(
  graph: Graph,
  failing: readonly number[],
  most: number = MOST_STATES,
): Views {
  const ranks = new Map<number, number>();
  for (const [rank, state] of failing.entries()) {
    for (const each of statesTo(graph, state)) if (!ranks.has(each)) ranks.set(each, rank);
  }
  const rankOf = (state: number): number => ranks.get(state) ?? failing.length;
  const byRank = (a: number, b: number): number => rankOf(a) - rankOf(b) || a - b;
  const children = graph.children.map((states) => states.toSorted(byRank));
  const plan = { graph, failing, most, children, sizes: countBeneath(graph) };
  return {
    from: (start) => viewFrom(plan, start),
    showing: (state) => viewsShowing(plan, state),
  };
}

function viewFrom(plan: Plan, { root, skip }: ViewStart): View {
  const skipped = new Set(plan.children[root]?.slice(0, skip));
  const shown = failingBeneath(plan, root, skipped);
  // A set's loop also comes to what is added to it on the way.
  for (const state of shown) {
    for (const child of plan.children[state] ?? []) {
      if (shown.size < plan.most && !skipped.has(child)) shown.add(child);
    }
  }
  const more = [...shown].flatMap((state) => {
    const own = (plan.children[state] ?? []).filter((child) => !skipped.has(child));
    const hidden = own.filter((child) => !shown.has(child));
    const count = hidden.reduce((sum, child) => sum + (plan.sizes[child] ?? 0), 0);
    const before = state === root ? skip + own.length - hidden.length : 0;
    return count > 0 ? [[state, { count, start: { root: state, skip: before } }] as const] : [];
  });
  return { root, skip, states: [...shown], has: shown, more: new Map(more) };
}

/** The root and the ways from it to failures, as far as they fit. */
function failingBeneath(plan: Plan, root: number, skipped: ReadonlySet<number>): Set<number> {
  const shown = new Set([root]);
  for (const state of plan.failing) {
    const way = statesTo(plan.graph, state);
    const at = way.indexOf(root);
    const beneath = way.slice(at + 1);
    if (at === -1 || beneath.some((each) => skipped.has(each))) continue;
    const fresh = beneath.filter((each) => !shown.has(each));
    // The children that are shown must be the first ones, so that the rest is one view.
    if (shown.size + fresh.length > plan.most) break;
    for (const each of fresh) shown.add(each);
  }
  return shown;
}

function viewsShowing(plan: Plan, state: number): readonly View[] {
  const views: View[] = [];
  let start: ViewStart | undefined = WHOLE;
  // Each view shows at least one more state of the way, or of the children beside it.
  while (start !== undefined && views.length < plan.sizes.length) {
    const view = viewFrom(plan, start);
    views.push(view);
    start = view.has.has(state) ? undefined : towards(plan, view, state);
  }
  return views;
}

/** The view behind the nearest drawn state on the way. */
function towards({ graph }: Plan, view: View, state: number): ViewStart | undefined {
  const nearest = statesTo(graph, state).findLast((each) => view.has.has(each));
  return nearest === undefined ? undefined : view.more.get(nearest)?.start;
}

function countBeneath(graph: Graph): readonly number[] {
  const sizes = graph.depths.map(() => 1);
  const deepestFirst = [...sizes.keys()].toSorted(
    (a, b) => (graph.depths[b] ?? 0) - (graph.depths[a] ?? 0),
  );
  for (const state of deepestFirst) {
    const parent = parentOf(graph, state);
    if (parent !== undefined) sizes[parent] = (sizes[parent] ?? 0) + (sizes[state] ?? 0);
  }
  return sizes;
}
