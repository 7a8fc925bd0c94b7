import { usageError, show } from "../errors.ts";

/** Joins action names to the name of a branch. Action names must not contain it. */
export const ARROW = " → ";

/** Action numbers, first step first. */
export type Path = readonly number[];

/** Says which path to run again, and with which data. */
export interface PathToken {
  readonly path: Path;
  /** The seed that generated inputs came from; absent when none were generated. */
  readonly seed?: number;
}

/** Names a branch by its steps: `create order → refund`. */
export function branchName(steps: readonly string[]): string {
  return steps.join(ARROW);
}

/** Writes a path as `0/2/1`; the empty path as an empty string. */
export function encodePath(path: Path): string {
  return path.join("/");
}

/** Writes a token as `0/2/1`, with a seed as `0/2/1@7`; the initial state is `/`. */
export function encodeToken({ path, seed }: PathToken): string {
  const text = path.length === 0 ? "/" : encodePath(path);
  return seed === undefined ? text : `${text}@${seed}`;
}

/**
 * Reads a token.
 *
 * @param where - The option that holds it.
 * @param actions - The names of the actions, by number.
 * @throws ExploreError `EXPLORE_USAGE` naming the step that is no action, and the actions.
 */
export function decodeToken(where: string, text: string, actions: readonly string[]): PathToken {
  const [, steps = "", seed] = /^([^@]*)(?:@(-?\d{1,15}))?$/.exec(text.trim()) ?? [undefined, text];
  const path = steps === "/" ? [] : steps.split("/").map(Number);
  const index = steps === "/" ? -1 : steps.split("/").findIndex((step) => !isAction(step, actions));
  if (index !== -1) throw notAction(where, { text, step: steps.split("/")[index], index }, actions);
  return { path, ...(seed !== undefined && { seed: Number(seed) }) };
}

function isAction(step: string, actions: readonly string[]): boolean {
  return /^\d{1,6}$/.test(step) && actions[Number(step)] !== undefined;
}

function notAction(
  where: string,
  at: { readonly text: string; readonly step: string | undefined; readonly index: number },
  actions: readonly string[],
): Error {
  return usageError(
    where,
    `is ${show(at.text)}: step ${at.index + 1} is ${show(at.step)}, which is the number of no action`,
    `The actions are ${actions.map((name, number) => `${number} ${name}`).join(", ")}. ` +
      "Take the path from the report of a failure, e.g. `0/2/1`; `/` is the initial state.",
  );
}
