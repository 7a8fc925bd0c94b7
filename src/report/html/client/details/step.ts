import type { TracedStep } from "../../../../trace/trace.ts";
import { lineOf } from "../../../change-text.ts";
import { plainText } from "../../../plain-text.ts";
import { plural } from "../../../plural.ts";
import { html } from "../element.ts";
import { changeTables } from "./changes.ts";
import { exchangeList, textBlock } from "./exchange.ts";

/** Shows what happened in a step: its generated input, requests, changes, output, and requests of the rules. */
export function stepParts(step: TracedStep): readonly HTMLElement[] {
  const { input, exchanges, omittedExchanges = 0, changes, output, checks = [] } = step;
  const left = plural(omittedExchanges, "earlier request");
  return [
    ...(input === undefined ? [] : [part("Input", textBlock({ text: lineOf(input) }, "Input"))]),
    part(
      "Requests",
      omittedExchanges > 0 && html("p", { class: "note" }, `${left} not kept`),
      ...(exchanges.length === 0
        ? [html("p", { class: "note" }, "It asked nothing.")]
        : exchangeList(exchanges)),
    ),
    part("Changes", ...changeTables(changes)),
    ...(output.length > 0
      ? [
          part(
            "Output",
            ...output.flatMap(({ system, text }) => [
              html("h4", {}, `${system} printed`),
              textBlock({ text: plainText(text) }, `Output of ${system}`),
            ]),
          ),
        ]
      : []),
    ...(checks.length > 0
      ? [
          html(
            "details",
            { class: "part" },
            html("summary", {}, `${plural(checks.length, "request")} of the rules afterwards`),
            ...exchangeList(checks),
          ),
        ]
      : []),
  ];
}

function part(title: string, ...children: readonly (HTMLElement | false)[]): HTMLElement {
  return html("section", { class: "part" }, html("h3", {}, title), ...children);
}
