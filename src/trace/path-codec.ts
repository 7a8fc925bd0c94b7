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
