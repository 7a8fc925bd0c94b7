import type { TracedChange, TracedDiff, TracedStep } from "../../../../trace/trace.ts";
import type { TracedValue } from "../../../../trace/value-codec.ts";
import { plural } from "../../../plural.ts";
import { differs, shownColumns } from "../columns.ts";
import { html } from "../element.ts";
import { valueText } from "../value-text.ts";

/** Characters of a value that is not broken into lines. */
const MOST_ON_A_LINE = 40;

/** Shows what a step changed; that it changed nothing may be the bug, so that is said too. */
export function changeTables(changes: TracedStep["changes"]): readonly HTMLElement[] {
  if (changes === undefined)
    return [html("p", { class: "note" }, "What it changed could not be read.")];
  if (changes.length === 0) return [html("p", { class: "note" }, "It changed nothing.")];
  return changes.map(diffTable);
}

/** Shows changed rows, before and after; columns that hold nothing in all of them are left out. */
export function diffTable(diff: TracedDiff): HTMLElement {
  const { system, collection, columns, changes, omitted = 0 } = diff;
  const shown = shownColumns(diff);
  const name = `${system}.${collection}`;
  return html(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": `Changes of ${name}` },
    html(
      "table",
      {},
      html("caption", {}, name),
      html(
        "thead",
        {},
        html(
          "tr",
          {},
          html("th", { scope: "col" }, html("span", { class: "unseen" }, "change")),
          ...shown.map((index) => html("th", { scope: "col" }, columns[index])),
        ),
      ),
      html("tbody", {}, ...changes.map((change) => rowOf(change, shown))),
    ),
    omitted > 0 && html("p", { class: "note" }, `and ${plural(omitted, "more row")}`),
  );
}

const KINDS = {
  added: { sign: "+", text: "added" },
  removed: { sign: "−", text: "removed" },
  changed: { sign: "~", text: "changed" },
} as const;

function rowOf({ before, after }: TracedChange, shown: readonly number[]): HTMLElement {
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const cells = shown.map((index) =>
    kind === "changed"
      ? changedCell(before?.[index], after?.[index])
      : html("td", {}, valueNode(kind === "added" ? "ins" : "del", (after ?? before)?.[index])),
  );
  const isNamedAlike = kind === "changed" && !differs(before, after);
  return html(
    "tr",
    { class: kind },
    html(
      "th",
      { scope: "row" },
      html("span", { class: "sign", "aria-hidden": "true" }, KINDS[kind].sign),
      html("span", { class: "unseen" }, KINDS[kind].text),
      // Times and random ids have names that may be the same before and after.
      isNamedAlike && html("small", {}, " a value that differs from run to run"),
    ),
    ...cells,
  );
}

function changedCell(before: TracedValue | undefined, after: TracedValue | undefined): HTMLElement {
  if (!differs(before, after)) return html("td", {}, valueNode("span", after));
  return html(
    "td",
    { class: "changed" },
    valueNode("del", before),
    html("span", { class: "arrow" }, " → "),
    valueNode("ins", after),
  );
}

function valueNode(name: "ins" | "del" | "span", value: TracedValue | undefined): HTMLElement {
  const text = valueText(value);
  return html(name, { class: text.length > MOST_ON_A_LINE && "long" }, text);
}
