import { ExploreError } from "../errors.ts";

/** Joins action names to the name of a branch. Action names must not contain it. */
export const ARROW = " → ";

/** Action numbers, first step first. */
export type Path = readonly number[];

/** Names a branch by its steps: `create order → refund`. */
export function branchName(steps: readonly string[]): string {
  return steps.join(ARROW);
}

/** Writes a path as `0/2/1`; the empty path as an empty string. */
export function encodePath(path: Path): string {
  return path.join("/");
}

/**
 * Reads what `encodePath` wrote.
 *
 * @param actionCount - Steps must be below it.
 * @throws ExploreError `EXPLORE_USAGE` naming the first step that is no action number.
 */
export function decodePath(text: string, actionCount: number): Path {
  if (text === "") return [];
  return text.split("/").map((step, index) => {
    const number = /^(0|[1-9]\d{0,8})$/.test(step) ? Number(step) : NaN;
    if (number < actionCount) return number;
    throw new ExploreError(
      "EXPLORE_USAGE",
      `Path ${JSON.stringify(text)}: step ${index + 1} is ${JSON.stringify(step)}, ` +
        `not an action number from 0 to ${actionCount - 1}.\n` +
        "Copy the path from a report of the same spec; adding or removing actions renumbers them.",
      { details: { path: text, step: index } },
    );
  });
}
