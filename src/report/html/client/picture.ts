import { draw, type Drawing } from "./drawing.ts";
import { button, html } from "./element.ts";
import type { Dagre } from "./layout.ts";
import { legend } from "./legend.ts";
import type { PlaceItem } from "./place.ts";
import { lastState, type Subject } from "./subject.ts";
import { trailOf } from "./trail.ts";
import { type View, WHOLE } from "./view.ts";
import { createViewport, type Viewport } from "./viewport.ts";
import { createWalk, type Walk } from "./walk.ts";

/** The part of the page that shows the state graph. */
export interface Picture {
  readonly element: HTMLElement;
  /** Shows a place, in another view when the one that is shown does not have it. */
  readonly show: (subject: Subject, item: PlaceItem | undefined) => void;
  /** Moves the keyboard to the box that was visited last. */
  readonly focus: () => void;
  readonly zoom: (change: "in" | "out" | "fit") => void;
}

export interface PictureOptions {
  readonly dagre: Dagre;
  readonly measure: (text: string, isTitle?: boolean) => number;
  /** Goes to a place; `byKeyboard` takes the keyboard there too. */
  readonly open: (item: PlaceItem, byKeyboard: boolean) => void;
}

/** What is drawn. */
interface Shown {
  readonly subject: Subject;
  readonly views: readonly View[];
  readonly drawing: Drawing;
  readonly walk: Walk;
}

/** Makes the picture; it is empty until something is shown. */
export function createPicture({ dagre, measure, open }: PictureOptions): Picture {
  const trail = html("nav", { class: "trail", "aria-label": "View" });
  const viewport = createViewport();
  const element = html(
    "main",
    { class: "picture", "aria-label": "State graph" },
    html("div", { class: "toolbar" }, trail, ...zoomButtons(viewport)),
    viewport.element,
    legend(),
  );
  let shown: Shown | undefined;

  function show(subject: Subject, item: PlaceItem | undefined): void {
    const known = shown?.subject === subject ? shown.views : undefined;
    const views = viewsFor(subject, item, known);
    if (shown === undefined || views !== known) shown = redraw(subject, views);
    const { drawing, walk } = shown;
    drawing.select(item);
    if (item === undefined) return;
    walk.moveTo(String(stateOf(subject, item)));
    // The last one is in sight in any case.
    for (const state of [...endsOf(subject, item), stateOf(subject, item)]) {
      reveal(drawing, String(state));
    }
  }

  function redraw(subject: Subject, views: readonly View[]): Shown {
    const view = views.at(-1) ?? subject.views.from(WHOLE);
    const drawing = draw({
      subject,
      view,
      dagre,
      measure,
      open: (item) => open(item, false),
    });
    viewport.put(drawing.element, drawing.layout);
    trail.replaceChildren(...trailOf(subject, views));
    const start = String(view.root);
    const walk = createWalk(drawing, {
      start,
      onMove: (name) => reveal(drawing, name),
      onEnter: (name) => enter(drawing, name),
    });
    reveal(drawing, start, "middle");
    return { subject, views, drawing, walk };
  }

  function enter(drawing: Drawing, name: string): void {
    const item = drawing.boxes.get(name)?.item;
    if (item === undefined) return;
    open(item, item.kind !== "view");
    if (item.kind === "view") shown?.walk.focus();
  }

  function reveal({ layout, boxes }: Drawing, name: string, where?: "middle"): void {
    const [centre, box] = [layout.boxes.get(name), boxes.get(name)];
    if (centre !== undefined && box !== undefined) viewport.reveal(centre, box.size, where);
  }

  return { element, show, focus: () => shown?.walk.focus(), zoom: viewport.zoom };
}

/** The state that a transition leads to. */
function endsOf({ trace }: Subject, { kind, index }: PlaceItem): readonly number[] {
  const to = kind === "transition" ? trace.transitions[index]?.to : undefined;
  return to === undefined ? [] : [to];
}

function zoomButtons({ zoom }: Viewport): readonly HTMLElement[] {
  return [
    button({ "aria-label": "Smaller", title: "Smaller (-)" }, () => zoom("out"), "−"),
    button({ "aria-label": "Larger", title: "Larger (+)" }, () => zoom("in"), "+"),
    button({ title: "Show all of this view (0)" }, () => zoom("fit"), "Fit"),
  ];
}

/** The views up to the one that has a place: those that are shown, when they will do. */
function viewsFor(
  subject: Subject,
  item: PlaceItem | undefined,
  known: readonly View[] | undefined,
): readonly View[] {
  const last = known?.at(-1);
  if (item === undefined) return known ?? [subject.views.from(WHOLE)];
  if (item.kind === "view") return viewsTo(subject, item, known);
  const state = stateOf(subject, item);
  const isShown = known !== undefined && last?.has.has(state) === true;
  return isShown ? known : subject.views.showing(state);
}

function viewsTo(
  { views }: Subject,
  { index: root, skip = 0 }: PlaceItem,
  known: readonly View[] = [],
): readonly View[] {
  const at = known.findIndex((view) => view.root === root && view.skip === skip);
  if (at !== -1) return at === known.length - 1 ? known : known.slice(0, at + 1);
  const isBefore = (view: View): boolean => view.root !== root || view.skip < skip;
  const before = known.length > 0 ? known : views.showing(root);
  return [...before.filter(isBefore), views.from({ root, skip })];
}

/** The state that a place is about. */
function stateOf({ trace, graph }: Subject, { kind, index }: PlaceItem): number {
  if (kind === "transition") return trace.transitions[index]?.from ?? 0;
  if (kind === "branch") return lastState(graph, trace.branches[index]?.path ?? "");
  return index;
}
