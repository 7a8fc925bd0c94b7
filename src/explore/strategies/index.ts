import type { Strategy } from "../frontier.ts";
import { breadthFirst } from "./breadth-first.ts";
import { depthFirst } from "./depth-first.ts";
import { randomWalk } from "./random-walk.ts";

/** The strategies by the name that a spec uses. */
export const STRATEGIES = {
  breadthFirst,
  depthFirst,
  randomWalk,
} as const satisfies Readonly<Record<string, Strategy>>;

/** A strategy as a spec names it. */
export type StrategyName = keyof typeof STRATEGIES;
