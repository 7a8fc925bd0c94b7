import { plural } from "../../plural.ts";
import { html } from "./element.ts";
import { find, rulesOf } from "./find.ts";
import { MARKS } from "./marks.ts";
import { hashOf } from "./place.ts";
import { type Result, ruleOf } from "./results.ts";
import type { Subject } from "./subject.ts";

/** The part of the page that finds branches by action and outcome. */
export interface Search {
  readonly element: HTMLElement;
  readonly setSubject: (subject: Subject) => void;
  readonly focus: () => void;
}

/** More results are counted, not listed. */
const MOST_LISTED = 100;

/**
 * Makes the search.
 *
 * @param onOpen - Called when a result was opened.
 */
export function createSearch(onOpen: () => void): Search {
  const text = html("input", {
    type: "search",
    id: "search-text",
    placeholder: "words of a branch",
    autocomplete: "off",
    spellcheck: "false",
    "aria-keyshortcuts": "/",
  });
  const outcome = html("select", { id: "search-outcome" });
  const count = html("p", { class: "count", role: "status" });
  const list = html("ul", { class: "results", "aria-label": "Branches found" });
  const element = html(
    "search",
    { class: "search" },
    html("h2", {}, "Branches"),
    html("label", { for: "search-text" }, "Actions ", html("kbd", {}, "/")),
    text,
    html("label", { for: "search-outcome" }, "Outcome"),
    outcome,
    count,
    list,
  );
  let subject: Subject | undefined;

  function update(): void {
    if (subject === undefined) return;
    const { index, results } = subject;
    const found = find(results, { text: text.value, outcome: outcome.value });
    const rest = found.length - MOST_LISTED;
    count.textContent = plural(found.length, "branch", "branches");
    list.replaceChildren(
      ...found.slice(0, MOST_LISTED).map((result) => html("li", {}, linkOf(index, result))),
      ...(rest > 0 ? [html("li", { class: "rest" }, `and ${rest} more: name more actions`)] : []),
    );
  }

  text.addEventListener("input", update);
  outcome.addEventListener("change", update);
  element.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      // In the list of outcomes arrows choose one.
      if (event.target !== outcome && moveIn(list, text, event.key)) event.preventDefault();
    } else if (event.key === "Enter" && event.target === text) {
      list.querySelector("a")?.click();
    }
  });
  list.addEventListener("click", (event) => {
    // By keyboard a click has no detail.
    if (event.detail === 0 && event.target instanceof Element && event.target.closest("a"))
      onOpen();
  });

  return {
    element,
    focus: () => text.select(),
    setSubject: (next) => {
      if (next === subject) return;
      subject = next;
      text.value = "";
      outcome.replaceChildren(...outcomesOf(next.results));
      update();
    },
  };
}

function outcomesOf(results: readonly Result[]): readonly HTMLOptionElement[] {
  const options = [
    ["all", "all"],
    ["failed", "failed"],
    ["passed", "passed"],
    ...rulesOf(results).map((rule) => [`rule:${rule}`, `failed: ${rule}`] as const),
  ] as const;
  return options.map(([value, label]) => html("option", { value }, label));
}

function linkOf(exploration: number, { item, name, outcome, failure }: Result): HTMLElement {
  return html(
    "a",
    { href: hashOf({ exploration, item }), class: outcome },
    html("span", { class: "mark", role: "img", "aria-label": outcome }, MARKS[outcome]),
    html("span", { class: "name" }, name),
    failure && html("small", {}, ruleOf(failure)),
  );
}

/** Moves between the text and the results; `false` when there is nowhere to go. */
function moveIn(list: HTMLElement, text: HTMLElement, key: "ArrowDown" | "ArrowUp"): boolean {
  const stops: readonly HTMLElement[] = [text, ...list.querySelectorAll("a")];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  const next = stops[at + (key === "ArrowDown" ? 1 : -1)];
  if (at === -1 || next === undefined) return false;
  next.focus();
  return true;
}
