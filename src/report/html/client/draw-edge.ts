import { actionText, cut, type Edge } from "./box.ts";
import { dataOf, type DrawingOptions, onClick } from "./drawing-options.ts";
import { headOf, lineOf } from "./edge-line.ts";
import { svg } from "./element.ts";
import type { Layout, Point, Size } from "./layout.ts";
import { MARKS } from "./marks.ts";
import type { PlaceItem } from "./place.ts";

/** Pixels. */
const LABEL = { height: 17, padding: 5 } as const;
/** Actions that lead from one state to the same other one. */
const MOST_LABELS = 4;

/** How much room the names on an edge need. */
export function labelsSize(edge: Edge, options: DrawingOptions): Size {
  const labels = labelsOf(edge, options);
  const widest = Math.max(...labels.map(({ text }) => options.measure(text)));
  return { width: widest + 2 * LABEL.padding, height: labels.length * LABEL.height };
}

/** Draws the line of an edge; without an edge the line to what is not shown. */
export function drawLine(
  edge: Edge | undefined,
  { points }: Layout["edges"][number],
  options: DrawingOptions,
): SVGGElement {
  const kind = edge === undefined ? " beneath" : isFailing(edge, options) ? " failing" : "";
  return svg(
    "g",
    { class: `edge${kind}` },
    svg("path", { class: "stroke", d: lineOf(points) }),
    svg("path", { class: "head", d: headOf(points) }),
  );
}

/** Draws the names of the actions on an edge. */
export function drawLabels(
  edge: Edge,
  centre: Point,
  options: DrawingOptions,
): readonly SVGGElement[] {
  const labels = labelsOf(edge, options);
  const top = centre.y - (labels.length * LABEL.height) / 2;
  const way = isFailing(edge, options) ? " failing" : "";
  return labels.map(({ text, isFailed, item }, index) => {
    const width = options.measure(text) + 2 * LABEL.padding;
    const y = top + index * LABEL.height;
    const group = svg(
      "g",
      { class: `label${way}${isFailed ? " failed" : ""}`, ...dataOf(item) },
      svg("rect", { x: centre.x - width / 2, y, width, height: LABEL.height, rx: 3 }),
      svg("text", { x: centre.x, y: y + LABEL.height / 2 }, text),
    );
    onClick(group, () => options.open(item));
    return group;
  });
}

/** Whether an edge leads to a failure. */
export function isFailing({ transitions }: Edge, { subject }: DrawingOptions): boolean {
  return transitions.some((index) => subject.failingWay.has(index));
}

interface Label {
  readonly text: string;
  readonly isFailed: boolean;
  readonly item: PlaceItem;
}

/** The actions on an edge, those that failed first. */
function labelsOf({ from, transitions }: Edge, { subject }: DrawingOptions): readonly Label[] {
  const labels = transitions.map((index): Label => {
    const isFailed = subject.resultOf(index)?.outcome === "failed";
    const text = cut(actionText(subject, index));
    const item = { kind: "transition", index } as const;
    return { text: isFailed ? `${MARKS.failed} ${text}` : text, isFailed, item };
  });
  const ordered = labels.toSorted((a, b) => Number(b.isFailed) - Number(a.isFailed));
  const more = ordered.length - MOST_LABELS;
  if (more <= 0) return ordered;
  const rest = { text: `${more} more`, isFailed: false } as const;
  return [...ordered.slice(0, MOST_LABELS), { ...rest, item: { kind: "state", index: from } }];
}
