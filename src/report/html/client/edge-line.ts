import type { Point } from "./layout.ts";

/** Pixels of an edge's head. */
const HEAD = { length: 8, half: 4 } as const;

/** The line of an edge, as the `d` of a path: curves that begin and end level. */
export function lineOf(points: readonly Point[]): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return "";
  // The line ends where the head begins.
  const stops = [...points.slice(0, -1), { x: last.x - HEAD.length, y: last.y }];
  const curves = stops.slice(1).map((stop, index) => {
    const from = stops[index] ?? first;
    const middle = (from.x + stop.x) / 2;
    return `C${[middle, from.y, middle, stop.y, stop.x, stop.y].map(round).join(" ")}`;
  });
  return `M${round(first.x)} ${round(first.y)}${curves.join("")}`;
}

/** The head of an edge, as the `d` of a path. */
export function headOf(points: readonly Point[]): string {
  const last = points.at(-1);
  if (last === undefined) return "";
  const [x, y] = [round(last.x), round(last.y)];
  return `M${x} ${y}l${-HEAD.length} ${-HEAD.half}v${2 * HEAD.half}z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
