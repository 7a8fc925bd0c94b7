import { usageError, show } from "../errors.ts";

/** Joins action names to the name of a branch. Action names must not contain it. */
export const ARROW = " → ";

/**
 * The number of an action; where its input is generated, also which input it shall be, as
 * `1:k3f9a:0`. Without, the input is the one that the action has in the state it is run in.
 */
export type PathStep = number | `${number}:${string}`;

/** Steps, first step first. */
export type Path = readonly PathStep[];

/** Says which path to run again, and with which data. */
export interface PathToken {
  readonly path: Path;
  /** The seed of inputs that the path does not name. */
  readonly seed?: number;
}

/** Names a branch by its steps: `create order → refund`. */
export function branchName(steps: readonly string[]): string {
  return steps.join(ARROW);
}

/** The number of a step's action. */
export function actionNumber(step: PathStep): number {
  return typeof step === "number" ? step : Number.parseInt(step, 10);
}

/** Which input a step names; `undefined`: none. */
export function inputKey(step: PathStep): string | undefined {
  return typeof step === "number" ? undefined : step.slice(step.indexOf(":") + 1);
}

/** A step with the input to take. */
export function withInput(step: PathStep, key: string): PathStep {
  return `${actionNumber(step)}:${key}`;
}

/** The path without the inputs that it names. */
export function withoutInputs(path: Path): readonly number[] {
  return path.map(actionNumber);
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
  const texts = steps === "/" ? [] : steps.split("/");
  const path = texts.map((step, index) => {
    const [, number = "", key] = STEP.exec(step) ?? [];
    const action = Number(number);
    if (number === "" || actions[action] === undefined) {
      throw notAction(where, { text, step, index }, actions);
    }
    return key === undefined ? action : withInput(action, key);
  });
  return { path, ...(seed !== undefined && { seed: Number(seed) }) };
}

/** Letters, digits and colons mean nothing to a shell. */
const STEP = /^(\d{1,6})(?::([0-9a-z]+(?::\d+)*))?$/;

function notAction(
  where: string,
  at: { readonly text: string; readonly step: string; readonly index: number },
  actions: readonly string[],
): Error {
  return usageError(
    where,
    `is ${show(at.text)}: step ${at.index + 1} is ${show(at.step)}, which is the number of no action`,
    `The actions are ${actions.map((name, number) => `${number} ${name}`).join(", ")}. ` +
      "Take the path from the report of a failure, e.g. `0/2/1`; `/` is the initial state.",
  );
}
