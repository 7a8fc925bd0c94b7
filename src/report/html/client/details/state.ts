import { html } from "../element.ts";
import { wayTo } from "../graph.ts";
import { addUp } from "../rows.ts";
import type { Subject } from "../subject.ts";
import { diffTable } from "./changes.ts";
import { nameOfPath } from "./failure.ts";
import { facts, heading } from "./heading.ts";
import { link, outcomeMark, stateLink } from "./link.ts";
import { wayPart } from "./way.ts";

/** More are counted. */
const MOST_LISTED = 50;

/** Shows a state: its data as far as it is known, the way to it, and what leads on. */
export function stateDetails(subject: Subject, state: number): readonly HTMLElement[] {
  const { trace, graph } = subject;
  const traced = trace.states[state];
  if (traced === undefined) return [];
  const way = wayTo(graph, state);
  const arrivals = (graph.incoming[state] ?? []).filter((index) => !way.includes(index));
  const onwards = graph.outgoing[state] ?? [];
  return [
    heading(state === 0 ? "Initial state" : `State ${state}`),
    facts([
      ["Reached by", nameOfPath(subject, traced.path)],
      ["Path", html("code", {}, traced.path === "" ? "/" : traced.path)],
      ["Fingerprint", html("code", {}, traced.fingerprint)],
    ]),
    ...(state === 0 ? [] : [dataPart(subject, way), wayPart(subject, "The way here", way)]),
    listPart(subject, { title: "Actions from here", transitions: onwards, end: "to" }),
    ...(arrivals.length > 0
      ? [listPart(subject, { title: "Also reached by", transitions: arrivals, end: "from" })]
      : []),
  ];
}

function dataPart({ trace }: Subject, way: readonly number[]): HTMLElement {
  const { diffs, unclear, gaps } = addUp(way.map((index) => trace.transitions[index]?.step));
  return html(
    "section",
    { class: "part" },
    html("h3", {}, "Data"),
    html(
      "p",
      { class: "note" },
      "Rows that are not as in the initial state, from the steps on the way.",
    ),
    ...diffs.map(diffTable),
    diffs.length === 0 && unclear.length === 0 && html("p", { class: "note" }, "None are known."),
    unclear.length > 0 &&
      html(
        "p",
        { class: "note" },
        `${unclear.join(", ")}: random ids have other names in each step, so see the steps.`,
      ),
    gaps && html("p", { class: "note" }, "Not all changes were recorded, so this is not all."),
  );
}

interface TransitionList {
  readonly title: string;
  readonly transitions: readonly number[];
  /** Which end of the transitions is told: the other one is the state itself. */
  readonly end: "from" | "to";
}

function listPart(subject: Subject, { title, transitions, end }: TransitionList): HTMLElement {
  const { trace, resultOf } = subject;
  const rest = transitions.length - MOST_LISTED;
  const items = transitions.slice(0, MOST_LISTED).map((index) => {
    const { action = -1, [end]: other } = trace.transitions[index] ?? {};
    return html(
      "li",
      {},
      outcomeMark(resultOf(index)?.outcome ?? "passed"),
      " ",
      link(subject, { kind: "transition", index }, trace.actions[action] ?? `action ${action}`),
      end === "from" ? " from " : " → ",
      other === undefined ? "failed on the way" : stateLink(subject, other),
    );
  });
  return html(
    "section",
    { class: "part" },
    html("h3", {}, title),
    items.length === 0 && html("p", { class: "note" }, "None was run."),
    html("ul", { class: "transitions" }, ...items),
    rest > 0 && html("p", { class: "note" }, `and ${rest} more`),
  );
}
