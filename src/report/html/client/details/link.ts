import { html } from "../element.ts";
import { MARKS } from "../marks.ts";
import { hashOf, type PlaceItem } from "../place.ts";
import type { Subject } from "../subject.ts";

/** A link to a place of an exploration. */
export function link({ index }: Subject, item: PlaceItem, ...text: readonly (Node | string)[]) {
  return html("a", { href: hashOf({ exploration: index, item }) }, ...text);
}

/** A link to a state: `state 5`. */
export function stateLink(subject: Subject, state: number): HTMLElement {
  return link(
    subject,
    { kind: "state", index: state },
    state === 0 ? "initial state" : `state ${state}`,
  );
}

/** `✕` or `✓`, said in words to who does not see it. */
export function outcomeMark(outcome: "passed" | "failed"): HTMLElement {
  const label = { class: `mark ${outcome}`, role: "img", "aria-label": outcome };
  return html("span", label, MARKS[outcome]);
}
