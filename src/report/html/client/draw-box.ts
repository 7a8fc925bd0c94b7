import { plural } from "../../plural.ts";
import type { Box, BoxLine } from "./box.ts";
import { dataOf, type DrawingOptions, onClick } from "./drawing-options.ts";
import { svg } from "./element.ts";
import type { Size } from "./layout.ts";
import { MARKS } from "./marks.ts";
import type { PlaceItem } from "./place.ts";

/** Pixels. */
const LINE = 19;
const PADDING = { x: 12, y: 8 } as const;
const LEAST_WIDTH = 90;
const MORE_HEIGHT = 28;

/** What a line of a box is about, in words. */
const SAID = {
  data: "",
  failed: "Failed here: ",
  stays: "To the same state: ",
  leaves: "To an earlier state: ",
} as const;

/** How much room a state's box needs. */
export function boxSize({ title, lines }: Box, { measure }: DrawingOptions): Size {
  const widths = [measure(title, true), ...lines.map((line) => measure(marked(line)))];
  return {
    width: Math.max(LEAST_WIDTH, ...widths) + 2 * PADDING.x,
    height: (lines.length + 1) * LINE + 2 * PADDING.y,
  };
}

/** How much room a box that stands for more states needs. */
export function moreSize(count: number, { measure }: DrawingOptions): Size {
  return { width: measure(`+${count}`, true) + 2 * PADDING.x, height: MORE_HEIGHT };
}

/** Draws a state's box, its upper left corner at the origin. */
export function drawBox(box: Box, options: DrawingOptions): SVGGElement {
  const { state, title, lines, isFailing } = box;
  const item = { kind: "state", index: state } as const;
  const depth = plural(options.subject.graph.depths[state] ?? 0, "step");
  const said = [title, `${depth} deep`, ...lines.map(({ kind, text }) => SAID[kind] + text)];
  const group = svg(
    "g",
    {
      class: isFailing ? "box failing" : "box",
      role: "button",
      tabindex: -1,
      "aria-label": `${said.join(". ")}${isFailing ? ". On the way to a failure" : ""}`,
      ...dataOf(item),
    },
    ground(boxSize(box, options), 6),
    svg("text", { class: "title", x: PADDING.x, y: PADDING.y + LINE / 2 }, title),
    ...lines.map((line, index) => drawLine(line, index, options)),
  );
  onClick(group, () => options.open(item));
  return group;
}

/**
 * Draws a box that stands for more states.
 *
 * @param item - The view that shows them.
 */
export function drawMore(
  { state, count }: { readonly state: number; readonly count: number },
  item: PlaceItem,
  options: DrawingOptions,
): SVGGElement {
  const states = plural(count, "more state");
  const group = svg(
    "g",
    {
      class: "more",
      role: "button",
      tabindex: -1,
      "aria-label": `${states} beneath state ${state}`,
    },
    ground(moreSize(count, options), MORE_HEIGHT / 2),
    svg("text", { class: "title", x: PADDING.x, y: MORE_HEIGHT / 2 }, `+${count}`),
  );
  onClick(group, () => options.open(item));
  return group;
}

function drawLine(line: BoxLine, index: number, { open }: DrawingOptions): SVGTextElement {
  const { kind, item } = line;
  const y = PADDING.y + LINE * (index + 1.5);
  const text = svg(
    "text",
    { class: `line ${kind}`, x: PADDING.x, y, ...dataOf(item) },
    marked(line),
  );
  if (item !== undefined) onClick(text, () => open(item));
  return text;
}

function ground({ width, height }: Size, radius: number): SVGRectElement {
  return svg("rect", { class: "ground", width, height, rx: radius });
}

function marked({ kind, text }: BoxLine): string {
  return kind === "data" ? text : `${MARKS[kind]} ${text}`;
}
