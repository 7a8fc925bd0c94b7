import { html } from "./element.ts";
import { MARKS } from "./marks.ts";

/** Says what the signs of the drawing mean. */
export function legend(): HTMLElement {
  return html(
    "ul",
    { class: "legend", "aria-label": "Signs" },
    entry("━", "to a failure", "failed"),
    entry(MARKS.failed, "failed", "failed"),
    entry(MARKS.stays, "to the same state"),
    entry(MARKS.leaves, "to an earlier state"),
    entry("+1 ~", "rows added, changed"),
    entry("+n", "more states beneath"),
  );
}

function entry(mark: string, text: string, kind = ""): HTMLElement {
  return html("li", {}, html("span", { class: `sign ${kind}`, "aria-hidden": "true" }, mark), text);
}
