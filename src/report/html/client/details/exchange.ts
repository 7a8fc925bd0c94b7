import type { TracedExchange, TracedText } from "../../../../trace/trace.ts";
import { plural } from "../../../plural.ts";
import { type Child, html } from "../element.ts";
import { indentJson } from "../json-text.ts";

/** Shows requests with their responses. */
export function exchangeList(exchanges: readonly TracedExchange[]): readonly HTMLElement[] {
  const several = new Set(exchanges.map(({ system }) => system)).size > 1;
  return exchanges.map((exchange) => exchangeBlock(exchange, several));
}

function exchangeBlock(exchange: TracedExchange, several: boolean): HTMLElement {
  const { system, method, target, headers, body, response, error } = exchange;
  return html(
    "article",
    { class: "exchange" },
    html(
      "h4",
      {},
      several && html("span", { class: "system" }, `${system} `),
      html("span", { class: "method" }, method),
      " ",
      html("code", {}, target),
      " → ",
      html(
        "span",
        { class: statusClass(response?.status) },
        String(response?.status ?? "no response"),
      ),
    ),
    error !== undefined && html("p", { class: "error" }, error),
    message("Request", headers, body),
    response && message("Response", response.headers, response.body),
  );
}

function message(
  name: string,
  headers: TracedExchange["headers"],
  body: TracedText | undefined,
): HTMLElement {
  const entries = Object.entries(headers);
  const isEmpty = body === undefined || body.text === "";
  return html(
    "div",
    { class: "message" },
    html("h5", {}, isEmpty ? `${name}, no body` : name),
    !isEmpty && textBlock(body, `${name} body`),
    entries.length > 0 &&
      html(
        "details",
        { class: "headers" },
        html("summary", {}, plural(entries.length, "header")),
        html("dl", {}, ...entries.flatMap(([key, value]) => term(key, value))),
      ),
  );
}

function term(name: string, value: string): readonly Child[] {
  return [html("dt", {}, name), html("dd", {}, value)];
}

/** A text as it is, but for JSON, which is broken into lines. */
export function textBlock({ text, omitted = 0 }: TracedText, label: string): HTMLElement {
  return html(
    "div",
    {},
    // In the tab order, so that long ones can be scrolled by keyboard.
    html(
      "pre",
      { tabindex: 0, role: "region", "aria-label": label },
      omitted > 0 ? text : indentJson(text),
    ),
    omitted > 0 &&
      html("p", { class: "note" }, `and ${omitted.toLocaleString("en")} more characters`),
  );
}

function statusClass(status: number | undefined): string {
  return status !== undefined && status < 400 ? "status" : "status failed";
}
