import { html } from "./element.ts";
import type { Point, Size } from "./layout.ts";

/** The window on a drawing: it scrolls, and shows it larger or smaller. */
export interface Viewport {
  readonly element: HTMLElement;
  /** Puts a drawing in, as large as it can be read. */
  readonly put: (drawing: SVGSVGElement, size: Size) => void;
  readonly zoom: (change: "in" | "out" | "fit") => void;
  /** Scrolls no further than is needed to see something, or so that it is in the middle. */
  readonly reveal: (centre: Point, size: Size, where?: "nearest" | "middle") => void;
}

const ZOOM = { step: 1.25, least: 0.2, most: 2, readable: 0.8 } as const;
/** Pixels around what is revealed. */
const ROOM = 24;

/** Makes an empty window. */
export function createViewport(): Viewport {
  const element = html("div", { class: "viewport" });
  let drawing: SVGSVGElement | undefined;
  let size: Size = { width: 1, height: 1 };
  let scale = 1;

  function setScale(wanted: number): void {
    scale = Math.min(ZOOM.most, Math.max(ZOOM.least, wanted));
    drawing?.setAttribute("width", String(Math.floor(size.width * scale)));
    drawing?.setAttribute("height", String(Math.floor(size.height * scale)));
  }

  function fitting(): number {
    return Math.min(1, element.clientWidth / size.width, element.clientHeight / size.height);
  }

  function zoom(change: "in" | "out" | "fit"): void {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
    const x = (scrollLeft + clientWidth / 2) / scale;
    const y = (scrollTop + clientHeight / 2) / scale;
    if (change === "fit") setScale(fitting());
    else setScale(change === "in" ? scale * ZOOM.step : scale / ZOOM.step);
    element.scrollTo(x * scale - clientWidth / 2, y * scale - clientHeight / 2);
  }

  function reveal(centre: Point, of: Size, where: "nearest" | "middle" = "nearest"): void {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
    const across = { at: centre.x * scale, half: (of.width * scale) / 2 + ROOM };
    const down = { at: centre.y * scale, half: (of.height * scale) / 2 + ROOM };
    const isMiddle = where === "middle";
    element.scrollTo(
      nearest(across, { start: scrollLeft, length: clientWidth }),
      isMiddle
        ? down.at - clientHeight / 2
        : nearest(down, { start: scrollTop, length: clientHeight }),
    );
  }

  return {
    element,
    put: (next, nextSize) => {
      [drawing, size] = [next, nextSize];
      element.replaceChildren(next);
      setScale(Math.max(ZOOM.readable, fitting()));
    },
    zoom,
    reveal,
  };
}

/** Where a window must begin that shows something, near to where it begins now. */
function nearest(
  { at, half }: { readonly at: number; readonly half: number },
  { start, length }: { readonly start: number; readonly length: number },
): number {
  if (at - half < start) return at - half;
  return at + half > start + length ? at + half - length : start;
}
