import { changeLine } from "../../../change-text.ts";
import { plural } from "../../../plural.ts";
import { html } from "../element.ts";
import type { Subject } from "../subject.ts";
import { link } from "./link.ts";

/** Changed rows of a step; its own details have them all. */
const MOST_LINES = 4;

/** Shows transitions one after the other, and what each of them changed. */
export function wayPart(subject: Subject, title: string, way: readonly number[]): HTMLElement {
  return html(
    "section",
    { class: "part" },
    html("h3", {}, title),
    html("ol", { class: "steps" }, ...way.map((index) => wayItem(subject, index))),
  );
}

function wayItem(subject: Subject, index: number): HTMLElement {
  const { trace } = subject;
  const transition = trace.transitions[index];
  const lines = (transition?.step?.changes ?? []).flatMap((diff) =>
    diff.changes.map((change) => `${diff.system}.${diff.collection} ${changeLine(diff, change)}`),
  );
  const rest = lines.length - MOST_LINES;
  return html(
    "li",
    {},
    link(subject, { kind: "transition", index }, trace.actions[transition?.action ?? -1] ?? ""),
    ...lines.slice(0, MOST_LINES).map((line) => html("div", { class: "change" }, line)),
    rest > 0 && html("div", { class: "change" }, `and ${plural(rest, "more row")}`),
  );
}
