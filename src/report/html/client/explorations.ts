import { html } from "./element.ts";
import { MARKS } from "./marks.ts";
import { hashOf } from "./place.ts";
import type { Subject } from "./subject.ts";
import { plural } from "../../plural.ts";

/** The list of the explorations of the page. */
export interface Explorations {
  readonly element: HTMLElement;
  readonly select: (index: number) => void;
}

/** Lists explorations, those with failures first. */
export function createExplorations(subjects: readonly Subject[]): Explorations {
  const links = inOrder(subjects).map((subject) => {
    const { index, trace, failures } = subject;
    const hasFailed = failures.length > 0;
    const said = hasFailed ? `${failures.length} failed` : "no failure";
    return html(
      "a",
      { href: hashOf({ exploration: index }), class: hasFailed ? "failed" : "passed" },
      html(
        "span",
        { class: "mark", "aria-hidden": "true" },
        MARKS[hasFailed ? "failed" : "passed"],
      ),
      html("span", { class: "name" }, trace.exploration.name || trace.exploration.module),
      html("small", {}, `${plural(trace.states.length, "state")}, ${said}`),
    );
  });
  const element = html(
    "nav",
    { class: "explorations", "aria-label": "Explorations" },
    html("h2", {}, "Explorations"),
    html("ul", {}, ...links.map((link) => html("li", {}, link))),
  );
  return {
    element,
    select: (index) => {
      for (const link of links) {
        const isSelected = link.getAttribute("href") === hashOf({ exploration: index });
        link.toggleAttribute("aria-current", isSelected);
        if (isSelected) link.setAttribute("aria-current", "page");
      }
    },
  };
}

/** Those with failures first. */
export function inOrder(subjects: readonly Subject[]): readonly Subject[] {
  return [
    ...subjects.filter(({ failures }) => failures.length > 0),
    ...subjects.filter(({ failures }) => failures.length === 0),
  ];
}
