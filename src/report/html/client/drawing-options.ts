import type { Dagre } from "./layout.ts";
import type { PlaceItem } from "./place.ts";
import type { Subject } from "./subject.ts";
import type { View } from "./view.ts";

/** What a drawing is made of. */
export interface DrawingOptions {
  readonly subject: Subject;
  readonly view: View;
  readonly dagre: Dagre;
  /** The width of a text, in pixels. */
  readonly measure: (text: string, isTitle?: boolean) => number;
  readonly open: (item: PlaceItem) => void;
}

/** Opens something when it is clicked; what lies behind it is not. */
export function onClick(element: SVGElement, open: () => void): void {
  element.addEventListener("click", (event) => {
    event.stopPropagation();
    open();
  });
}

/** By which the elements of something are found again. */
export function dataOf(item: PlaceItem | undefined): Readonly<Record<string, string>> {
  return item === undefined ? {} : { "data-item": `${item.kind} ${item.index}` };
}
