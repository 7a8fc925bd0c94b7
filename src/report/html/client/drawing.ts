import { boxOf, edgesOf } from "./box.ts";
import { boxSize, drawBox, drawMore, moreSize } from "./draw-box.ts";
import { drawLabels, drawLine, isFailing, labelsSize } from "./draw-edge.ts";
import type { DrawingOptions } from "./drawing-options.ts";
import { svg } from "./element.ts";
import { layOut, type Layout, type Size } from "./layout.ts";
import type { PlaceItem } from "./place.ts";

/** The drawing of a view. */
export interface Drawing {
  readonly element: SVGSVGElement;
  readonly layout: Layout;
  /** By name: `5` for a state, `5+` for what lies beneath it and is not drawn. */
  readonly boxes: ReadonlyMap<string, DrawnBox>;
  /** Marks what the details are about. */
  readonly select: (item: PlaceItem | undefined) => void;
}

/** A box of a drawing. */
export interface DrawnBox {
  readonly element: SVGGElement;
  readonly size: Size;
  /** Where it leads. */
  readonly item: PlaceItem;
}

/** Draws a view: states as boxes, in columns by their distance from the root, transitions as edges. */
export function draw(options: DrawingOptions): Drawing {
  const { view, dagre } = options;
  const boxes = new Map([...stateBoxes(options), ...moreBoxes(options)]);
  const edges = edgesOf(options.subject, view);
  const layout = layOut(dagre, new Map([...boxes].map(([name, { size }]) => [name, size])), [
    ...edges.map((edge) => {
      const ends = { from: String(edge.from), to: String(edge.to) };
      return { ...ends, ...labelsSize(edge, options) };
    }),
    ...[...view.more.keys()].map((state) => ({
      from: String(state),
      to: `${state}+`,
      width: 0,
      height: 0,
    })),
  ]);
  for (const [name, { element, size }] of boxes) {
    const { x, y } = layout.boxes.get(name) ?? { x: 0, y: 0 };
    element.setAttribute("transform", `translate(${x - size.width / 2} ${y - size.height / 2})`);
  }
  const drawn = layout.edges.map((placed, index) => ({ placed, edge: edges[index] }));
  // What leads to a failure lies above other lines, and names above all lines.
  const [above, below] = [true, false].map((wanted) =>
    drawn.filter(({ edge }) => wanted === (edge !== undefined && isFailing(edge, options))),
  );
  const element = svg(
    "svg",
    { viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": "States" },
    // What can be done with an edge can be done in the details of its states.
    svg(
      "g",
      { "aria-hidden": "true" },
      ...[...(below ?? []), ...(above ?? [])].map(({ edge, placed }) =>
        drawLine(edge, placed, options),
      ),
      ...drawn.flatMap(({ edge, placed }) =>
        edge === undefined ? [] : drawLabels(edge, placed.label, options),
      ),
    ),
    svg("g", {}, ...[...boxes.values()].map((box) => box.element)),
  );
  return { element, layout, boxes, select: (item) => select(element, item) };
}

function stateBoxes(options: DrawingOptions): readonly (readonly [string, DrawnBox])[] {
  const { subject, view } = options;
  return view.states.map((state) => {
    const box = boxOf(subject, view, state);
    const item = { kind: "state", index: state } as const;
    return [
      String(state),
      { element: drawBox(box, options), size: boxSize(box, options), item },
    ] as const;
  });
}

function moreBoxes(options: DrawingOptions): readonly (readonly [string, DrawnBox])[] {
  return [...options.view.more].map(([state, { count, start }]) => {
    const item = { kind: "view", index: start.root, skip: start.skip } as const;
    const element = drawMore({ state, count }, item, options);
    return [`${state}+`, { element, size: moreSize(count, options), item }] as const;
  });
}

function select(drawing: SVGSVGElement, item: PlaceItem | undefined): void {
  for (const each of drawing.querySelectorAll("[data-item]")) {
    const isSelected =
      item !== undefined && each.matches(`[data-item="${item.kind} ${item.index}"]`);
    each.classList.toggle("selected", isSelected);
    if (each.getAttribute("role") === "button") {
      each.setAttribute("aria-pressed", String(isSelected));
    }
  }
}
