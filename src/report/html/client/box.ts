import type { PlaceItem } from "./place.ts";
import { countRows } from "./rows.ts";
import { wayTo } from "./graph.ts";
import type { Subject } from "./subject.ts";
import type { View } from "./view.ts";

/** What a state's box says. */
export interface Box {
  readonly state: number;
  readonly title: string;
  readonly lines: readonly BoxLine[];
  readonly isFailing: boolean;
}

/** A line of a box: about the state's data, or about transitions that are not drawn as edges. */
export interface BoxLine {
  readonly kind: "data" | "failed" | "stays" | "leaves";
  readonly text: string;
  /** Where a click on it leads; absent for what is said of the state itself. */
  readonly item?: PlaceItem;
}

/** Transitions of a drawing that lead from one state to another, one step further from the root. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly transitions: readonly number[];
}

/** Texts in a drawing are cut, the details have them whole. */
const MOST_CHARACTERS = 30;
const MOST_FAILED_LINES = 3;
const MOST_TABLES = 2;

/** The edges of a drawing: those that lead away from the root. */
export function edgesOf({ graph, trace }: Subject, view: View): readonly Edge[] {
  const edges = new Map<string, { from: number; to: number; transitions: number[] }>();
  for (const from of view.states) {
    for (const index of graph.outgoing[from] ?? []) {
      const to = trace.transitions[index]?.to;
      if (to === undefined || !isDrawn(graph.depths, view, { from, to })) continue;
      const edge = edges.get(`${from} ${to}`) ?? { from, to, transitions: [] };
      edge.transitions.push(index);
      edges.set(`${from} ${to}`, edge);
    }
  }
  return [...edges.values()];
}

/** Only what leads one step away from the root keeps columns apart and layouts fast. */
function isDrawn(
  depths: readonly number[],
  view: View,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  return view.has.has(from) && view.has.has(to) && depths[to] === (depths[from] ?? 0) + 1;
}

/** Says what a state's box holds. */
export function boxOf(subject: Subject, view: View, state: number): Box {
  const { graph, failures, failingWay, trace } = subject;
  const inner = (graph.outgoing[state] ?? []).filter((index) => {
    const to = trace.transitions[index]?.to;
    if (to === undefined) return true;
    const isHidden = !view.has.has(to) && graph.children[state]?.includes(to);
    return !isDrawn(graph.depths, view, { from: state, to }) && isHidden !== true;
  });
  const startFails = state === 0 && failures.some(({ path }) => path === "");
  return {
    state,
    title: state === 0 ? "Initial state" : `State ${state}`,
    lines: [...dataLines(subject, state), ...innerLines(subject, state, inner)],
    isFailing: startFails || (graph.incoming[state] ?? []).some((index) => failingWay.has(index)),
  };
}

/** `orders +2, users ~` */
function dataLines({ graph, trace }: Subject, state: number): readonly BoxLine[] {
  const steps = wayTo(graph, state).map((index) => trace.transitions[index]?.step);
  const counts = countRows(steps).map(({ collection, rows }) => {
    if (rows === 0) return `${collection} ~`;
    return `${collection} ${rows > 0 ? "+" : "−"}${Math.abs(rows)}`;
  });
  if (counts.length === 0) return [];
  const rest = counts.length > MOST_TABLES ? ", …" : "";
  return [{ kind: "data", text: cut(`${counts.slice(0, MOST_TABLES).join(", ")}${rest}`) }];
}

function innerLines(subject: Subject, state: number, inner: readonly number[]): readonly BoxLine[] {
  const { trace, resultOf } = subject;
  const isFailed = (index: number): boolean => resultOf(index)?.outcome === "failed";
  const to = (index: number): number | undefined => trace.transitions[index]?.to;
  const failed = inner.filter(isFailed);
  const passed = inner.filter((index) => !isFailed(index));
  const stays = passed.filter((index) => to(index) === state);
  const leaves = passed.filter((index) => to(index) !== state);
  const more = failed.length - MOST_FAILED_LINES;
  return [
    ...failed.slice(0, MOST_FAILED_LINES).map((index): BoxLine => {
      const item = { kind: "transition", index } as const;
      return { kind: "failed", text: cut(actionText(subject, index)), item };
    }),
    ...(more > 0 ? [joined("failed", state, [`${more} more`])] : []),
    ...groupLine(subject, "leaves", { state, indexes: leaves }),
    ...groupLine(subject, "stays", { state, indexes: stays }),
  ];
}

/** One line for all transitions of a kind; it leads to the one, or to the list of all. */
function groupLine(
  subject: Subject,
  kind: "stays" | "leaves",
  { state, indexes }: { readonly state: number; readonly indexes: readonly number[] },
): readonly BoxLine[] {
  const [first] = indexes;
  if (first === undefined) return [];
  const names = indexes.map((index) => {
    const name = actionText(subject, index);
    return kind === "stays" ? name : `${name} → ${subject.trace.transitions[index]?.to}`;
  });
  const line = joined(kind, state, names);
  return [indexes.length > 1 ? line : { ...line, item: { kind: "transition", index: first } }];
}

function joined(kind: BoxLine["kind"], state: number, names: readonly string[]): BoxLine {
  return { kind, text: cut(names.join(", ")), item: { kind: "state", index: state } };
}

/** The name of a transition's action, on one line. */
export function actionText({ trace }: Subject, transition: number): string {
  const action = trace.transitions[transition]?.action ?? -1;
  return trace.actions[action] ?? `action ${action}`;
}

/** Shortens a text for a drawing. */
export function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 1)}…` : line;
}
