import { type Child, html } from "../element.ts";

/** The heading of what the details are about; the keyboard is brought to it. */
export function heading(title: string, ...more: readonly Child[]): HTMLElement {
  return html("h2", { tabindex: -1 }, title, ...more);
}

/** Facts by name. */
export function facts(pairs: readonly (readonly [string, Child])[]): HTMLElement {
  return html(
    "dl",
    { class: "facts" },
    ...pairs.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)]),
  );
}
