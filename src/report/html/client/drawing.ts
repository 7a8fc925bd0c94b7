import { actionText, type Box, boxOf, cut, type Edge, edgesOf } from "./box.ts";
import { headOf, lineOf } from "./edge-line.ts";
import { svg } from "./element.ts";
import { type Dagre, type EdgeSize, layOut, type Layout, type Size } from "./layout.ts";
import { MARKS } from "./marks.ts";
import type { PlaceItem } from "./place.ts";
import type { Subject } from "./subject.ts";
import type { View } from "./view.ts";

/** The drawing of a view. */
export interface Drawing {
  readonly element: SVGSVGElement;
  readonly layout: Layout;
  /** The boxes by name: `5` for a state, `5+` for what lies beneath it and is not drawn. */
  readonly boxes: ReadonlyMap<string, SVGGElement>;
  readonly sizes: ReadonlyMap<string, Size>;
  /** Where a box leads. */
  readonly itemOf: (name: string) => PlaceItem | undefined;
  /** Marks what the details are about. */
  readonly select: (item: PlaceItem | undefined) => void;
}

export interface DrawingOptions {
  readonly subject: Subject;
  readonly view: View;
  readonly dagre: Dagre;
  /** The width of a text, in pixels. */
  readonly measure: (text: string, isTitle?: boolean) => number;
  readonly open: (item: PlaceItem) => void;
}

/** Pixels. */
const LINE = 19;
const PADDING = { x: 12, y: 8 } as const;
const LEAST_WIDTH = 90;
const MORE_HEIGHT = 28;
const LABEL = { height: 17, padding: 5 } as const;
/** Actions that lead from one state to the same other one. */
const MOST_LABELS = 4;

/** Draws a view: states as boxes, in columns by their distance from the root, transitions as edges. */
export function draw(options: DrawingOptions): Drawing {
  const { subject, view } = options;
  const boxes = view.states.map((state) => boxOf(subject, view, state));
  const edges = edgesOf(subject, view);
  const sizes = new Map([
    ...boxes.map((box) => [String(box.state), boxSize(box, options)] as const),
    ...[...view.more].map(([state, { count }]) => [`${state}+`, moreSize(count, options)] as const),
  ]);
  const layout = layOut(options.dagre, sizes, [
    ...edges.map((edge) => edgeSize(edge, options)),
    ...[...view.more.keys()].map((state) => moreEdge(state)),
  ]);
  const groups = new Map([
    ...boxes.map((box) => [String(box.state), drawBox(box, options)] as const),
    ...[...view.more].map(
      ([state, { count }]) => [`${state}+`, drawMore(state, count, options)] as const,
    ),
  ]);
  for (const [name, group] of groups) place(group, name, { sizes, layout });
  const lines = layout.edges.map((placed, index) => {
    const edge = edges[index];
    if (edge === undefined) return drawLine(placed.points, "edge beneath");
    return drawEdge(edge, placed, options);
  });
  const { width, height } = layout;
  const element = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "States" },
    // What can be done with an edge can be done in the details of its states.
    svg("g", { "aria-hidden": "true" }, ...lines),
    svg("g", {}, ...groups.values()),
  );
  return {
    element,
    layout,
    boxes: groups,
    sizes,
    itemOf: (name) => itemOf(view, name),
    select: (item) => select(element, item),
  };
}

function itemOf(view: View, name: string): PlaceItem | undefined {
  const state = Number.parseInt(name, 10);
  if (!name.endsWith("+")) return { kind: "state", index: state };
  const start = view.more.get(state)?.start;
  return start && { kind: "view", index: start.root, skip: start.skip };
}

function boxSize({ title, lines }: Box, { measure }: DrawingOptions): Size {
  const widths = [
    measure(title, true),
    ...lines.map(({ kind, text }) => measure(marked(kind, text))),
  ];
  return {
    width: Math.max(LEAST_WIDTH, ...widths) + 2 * PADDING.x,
    height: (lines.length + 1) * LINE + 2 * PADDING.y,
  };
}

function moreSize(count: number, { measure }: DrawingOptions): Size {
  return { width: measure(`+${count}`) + 2 * PADDING.x, height: MORE_HEIGHT };
}

function edgeSize({ from, to, transitions }: Edge, options: DrawingOptions): EdgeSize {
  const labels = labelsOf(transitions, options);
  const widest = Math.max(...labels.map(({ text }) => options.measure(text)));
  return {
    from: String(from),
    to: String(to),
    width: widest + 2 * LABEL.padding,
    height: labels.length * LABEL.height,
  };
}

function moreEdge(state: number): EdgeSize {
  return { from: String(state), to: `${state}+`, width: 0, height: 0 };
}

interface Label {
  readonly text: string;
  readonly isFailed: boolean;
  readonly item: PlaceItem;
}

/** The actions on an edge, those that failed first. */
function labelsOf(transitions: readonly number[], { subject }: DrawingOptions): readonly Label[] {
  const labels = transitions.map((index): Label => {
    const isFailed = subject.resultOf(index)?.outcome === "failed";
    const text = cut(actionText(subject, index));
    const item = { kind: "transition", index } as const;
    return { text: isFailed ? `${MARKS.failed} ${text}` : text, isFailed, item };
  });
  const ordered = labels.toSorted((a, b) => Number(b.isFailed) - Number(a.isFailed));
  const from = subject.trace.transitions[transitions[0] ?? -1]?.from ?? 0;
  const more = ordered.length - MOST_LABELS;
  if (more <= 0) return ordered;
  const rest = { text: `${more} more`, isFailed: false } as const;
  return [...ordered.slice(0, MOST_LABELS), { ...rest, item: { kind: "state", index: from } }];
}

function marked(kind: Box["lines"][number]["kind"], text: string): string {
  return kind === "data" ? text : `${MARKS[kind]} ${text}`;
}

function drawBox(box: Box, { open, subject }: DrawingOptions): SVGGElement {
  const { state, title, lines, isFailing } = box;
  const item = { kind: "state", index: state } as const;
  const texts = lines.map(({ kind, text, item: lineItem }, index) => {
    const y = PADDING.y + LINE * (index + 1.5);
    const line = svg(
      "text",
      { class: `line ${kind}`, x: PADDING.x, y, ...dataOf(lineItem) },
      marked(kind, text),
    );
    if (lineItem !== undefined) onClick(line, () => open(lineItem));
    return line;
  });
  const depth = subject.graph.depths[state] ?? 0;
  const said = [title, `${depth} steps deep`, ...lines.map(({ kind, text }) => SAID[kind] + text)];
  const group = svg(
    "g",
    {
      class: isFailing ? "box failing" : "box",
      role: "button",
      tabindex: -1,
      "aria-label": `${said.join(". ")}${isFailing ? ". On the way to a failure" : ""}`,
      ...dataOf(item),
    },
    svg("rect", { class: "ground", rx: 6 }),
    svg("text", { class: "title", x: PADDING.x, y: PADDING.y + LINE / 2 }, title),
    ...texts,
  );
  onClick(group, () => open(item));
  return group;
}

const SAID = {
  data: "",
  failed: "Failed here: ",
  stays: "Changes nothing: ",
  leaves: "Leads back: ",
} as const;

function drawMore(state: number, count: number, { view, open }: DrawingOptions): SVGGElement {
  const group = svg(
    "g",
    {
      class: "more",
      role: "button",
      tabindex: -1,
      "aria-label": `${count} more states beneath state ${state}`,
    },
    svg("rect", { class: "ground", rx: MORE_HEIGHT / 2 }),
    svg("text", { class: "title", x: PADDING.x, y: MORE_HEIGHT / 2 }, `+${count}`),
  );
  const item = itemOf(view, `${state}+`);
  if (item !== undefined) onClick(group, () => open(item));
  return group;
}

function place(
  group: SVGGElement,
  name: string,
  { sizes, layout }: { readonly sizes: ReadonlyMap<string, Size>; readonly layout: Layout },
): void {
  const { width, height } = sizes.get(name) ?? { width: 0, height: 0 };
  const { x, y } = layout.boxes.get(name) ?? { x: 0, y: 0 };
  group.setAttribute("transform", `translate(${x - width / 2} ${y - height / 2})`);
  group.querySelector("rect")?.setAttribute("width", String(width));
  group.querySelector("rect")?.setAttribute("height", String(height));
}

function drawEdge(
  { transitions }: Edge,
  { points, label }: Layout["edges"][number],
  options: DrawingOptions,
): SVGGElement {
  const labels = labelsOf(transitions, options);
  const isFailing = transitions.some((index) => options.subject.failingWay.has(index));
  const group = drawLine(points, isFailing ? "edge failing" : "edge");
  const top = label.y - (labels.length * LABEL.height) / 2;
  for (const [index, { text, isFailed, item }] of labels.entries()) {
    const width = options.measure(text) + 2 * LABEL.padding;
    const y = top + index * LABEL.height;
    const part = svg(
      "g",
      { class: isFailed ? "label failed" : "label", ...dataOf(item) },
      svg("rect", { x: label.x - width / 2, y, width, height: LABEL.height, rx: 3 }),
      svg("text", { x: label.x, y: y + LABEL.height / 2 }, text),
    );
    onClick(part, () => options.open(item));
    group.append(part);
  }
  return group;
}

function drawLine(points: Layout["edges"][number]["points"], kind: string): SVGGElement {
  return svg(
    "g",
    { class: kind },
    svg("path", { class: "stroke", d: lineOf(points) }),
    svg("path", { class: "head", d: headOf(points) }),
  );
}

function onClick(element: SVGElement, run: () => void): void {
  element.addEventListener("click", (event) => {
    event.stopPropagation();
    run();
  });
}

/** By which an element is found again. */
function dataOf(item: PlaceItem | undefined): Readonly<Record<string, string>> {
  return item === undefined ? {} : { "data-item": `${item.kind} ${item.index}` };
}

function select(element: SVGSVGElement, item: PlaceItem | undefined): void {
  for (const each of element.querySelectorAll("[data-item]")) {
    const isSelected =
      item !== undefined && each.matches(`[data-item="${item.kind} ${item.index}"]`);
    each.classList.toggle("selected", isSelected);
    if (each.getAttribute("role") === "button") {
      each.setAttribute("aria-pressed", String(isSelected));
    }
  }
}
