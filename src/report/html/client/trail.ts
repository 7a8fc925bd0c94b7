import { html } from "./element.ts";
import { hashOf } from "./place.ts";
import type { Subject } from "./subject.ts";
import type { View } from "./view.ts";

/** Says which part of the graph is shown, with a way back to each part before it. */
export function trailOf({ index, trace }: Subject, views: readonly View[]): readonly Node[] {
  const count = views.at(-1)?.states.length ?? 0;
  const all = trace.states.length;
  const links = views.flatMap((view, at) => {
    const { root, skip } = view;
    const name = nameOf(view, count === all);
    if (at === views.length - 1) return [html("span", { "aria-current": "true" }, name)];
    const href = hashOf({ exploration: index, item: { kind: "view", index: root, skip } });
    return [html("a", { href }, name), html("span", { "aria-hidden": "true" }, "›")];
  });
  const counted =
    count === all ? `${all} states` : `${count} of ${all.toLocaleString("en")} states`;
  return [...links, html("span", { class: "count" }, counted)];
}

function nameOf({ root, skip }: View, isAll: boolean): string {
  if (isAll) return "Whole graph";
  const name = root === 0 ? "the initial state" : `state ${root}`;
  return `Beneath ${name}${skip > 0 ? ", continued" : ""}`;
}
