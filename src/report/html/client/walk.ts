import type { Drawing } from "./drawing.ts";
import { type Direction, neighbour } from "./neighbour.ts";

/** Takes the keyboard through the boxes of a drawing: one of them is in the tab order. */
export interface Walk {
  /** The box that the keyboard comes to. */
  readonly current: () => string;
  readonly moveTo: (name: string) => void;
  readonly focus: () => void;
}

export interface WalkOptions {
  /** Where to begin. */
  readonly start: string;
  readonly onMove: (name: string) => void;
  readonly onEnter: (name: string) => void;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** Lets arrow keys move between the boxes of a drawing, Enter open one. */
export function createWalk(
  { boxes, layout }: Drawing,
  { start, onMove, onEnter }: WalkOptions,
): Walk {
  let current = start;

  function moveTo(name: string): void {
    const box = boxes.get(name)?.element;
    if (box === undefined) return;
    boxes.get(current)?.element.setAttribute("tabindex", "-1");
    box.setAttribute("tabindex", "0");
    current = name;
  }

  function focus(name: string): void {
    boxes.get(name)?.element.focus({ preventScroll: true });
  }

  function onKey(event: KeyboardEvent, name: string): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      event.preventDefault();
      const next = neighbour(layout.boxes, name, direction);
      if (next !== undefined) focus(next);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onEnter(name);
    }
  }

  for (const [name, { element: box }] of boxes) {
    box.addEventListener("keydown", (event) => onKey(event, name));
    box.addEventListener("focus", () => {
      moveTo(name);
      onMove(name);
    });
  }
  moveTo(start);
  return { current: () => current, moveTo, focus: () => focus(current) };
}
