import { html } from "../element.ts";
import type { PlaceItem } from "../place.ts";
import type { Subject } from "../subject.ts";
import { overviewDetails } from "./overview.ts";
import { stateDetails } from "./state.ts";
import { branchDetails, transitionDetails } from "./transition.ts";

/** The part of the page that tells what is known of a place. */
export interface Details {
  readonly element: HTMLElement;
  readonly show: (subject: Subject, item: PlaceItem | undefined) => void;
  /** Brings the keyboard to the heading. */
  readonly focus: () => void;
}

/**
 * Makes the details; they are empty until something is shown.
 *
 * @param othersOf - The names of the other explorations in the same file.
 */
export function createDetails(othersOf: (subject: Subject) => readonly string[]): Details {
  const element = html("aside", { class: "details", "aria-label": "Details" });
  const focus = (): void => element.querySelector("h2")?.focus();
  return {
    element,
    show: (subject, item) => {
      const parts = partsOf(subject, item, othersOf(subject));
      const hadKeyboard = element.contains(document.activeElement);
      element.replaceChildren(...(parts.length > 0 ? parts : overviewDetails(subject)));
      element.scrollTo(0, 0);
      // Where the details are below the picture, they come into sight.
      if (item !== undefined) element.querySelector("dl")?.scrollIntoView({ block: "nearest" });
      if (hadKeyboard) focus();
    },
    focus,
  };
}

function partsOf(
  subject: Subject,
  item: PlaceItem | undefined,
  others: readonly string[],
): readonly HTMLElement[] {
  if (item === undefined) return [];
  const { kind, index } = item;
  if (kind === "transition") return transitionDetails(subject, index, others);
  if (kind !== "branch") return stateDetails(subject, index);
  const result = subject.results.find(({ item }) => item.kind === "branch" && item.index === index);
  return result === undefined ? [] : branchDetails(subject, result, others);
}
