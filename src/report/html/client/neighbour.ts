import type { Point } from "./layout.ts";

export type Direction = "left" | "right" | "up" | "down";

/** Things in one column are at most so far apart, in pixels. */
const COLUMN = 40;

/** The box that an arrow key leads to; `undefined` at the edge. */
export function neighbour(
  boxes: ReadonlyMap<string, Point>,
  from: string,
  direction: Direction,
): string | undefined {
  const here = boxes.get(from);
  if (here === undefined) return undefined;
  let [best, distance]: [string | undefined, number] = [undefined, Infinity];
  for (const [name, there] of boxes) {
    const far = name === from ? undefined : distanceOf(here, there, direction);
    if (far !== undefined && far < distance) [best, distance] = [name, far];
  }
  return best;
}

/** How far a box is in a direction; `undefined` when it does not lie there. */
function distanceOf(here: Point, there: Point, direction: Direction): number | undefined {
  const [right, down] = [there.x - here.x, there.y - here.y];
  switch (direction) {
    case "up":
    case "down": {
      const ahead = direction === "down" ? down : -down;
      return ahead > 0 && Math.abs(right) <= COLUMN ? ahead : undefined;
    }
    case "left":
    case "right": {
      const ahead = direction === "right" ? right : -right;
      // The next column first, in it the nearest.
      return ahead > COLUMN ? ahead * 100 + Math.abs(down) : undefined;
    }
  }
}
