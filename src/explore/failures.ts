import { ExploreError, familyOf, isExploreError, show } from "../errors.ts";
import { branchName } from "../trace/path-codec.ts";
import { actionAt } from "./branch.ts";
import type { Action, Invariant } from "./model.ts";
import type { Branch, Failure, FailureGroup } from "./records.ts";

const endings = new WeakSet<Error>();

/** Marks an error that ends the exploration, whatever branch it came from. */
export function ending(error: ExploreError): ExploreError {
  endings.add(error);
  return error;
}

/** Whether an error was marked by `ending`. */
function isEnding(error: unknown): boolean {
  return error instanceof Error && endings.has(error);
}

/**
 * Says in which way a branch fails by what was thrown.
 *
 * @param invariant - The invariant that threw, unless the action did.
 * @throws The error itself when it ends the exploration.
 */
export function failureOf(error: unknown, invariant?: string): Failure {
  if (isEnding(error)) throw error;
  if (isDivergence(error)) return { kind: "diverged", error };
  const kind = isInfrastructure(error) ? "infrastructure" : "error";
  return invariant === undefined ? { kind, error } : { kind, error, invariant };
}

/** The failure of a branch that ends in a state where an `always` invariant is false. */
export function violationOf(
  { name: invariant, declaredAt }: Pick<Invariant<never>, "name" | "declaredAt">,
  steps: number,
): Failure {
  const where =
    steps === 0 ? "in the initial state" : `after ${steps} step${steps === 1 ? "" : "s"}`;
  const error = new Error(`Invariant "${invariant}" does not hold ${where}`);
  // Where the rule stands; where it was evaluated tells nobody anything.
  error.stack = [`${error.name}: ${error.message}`, ...(declaredAt ? [declaredAt] : [])].join("\n");
  return { kind: "violation", error, invariant };
}

/** Whether two runs of one branch failed in the same way. */
export function sameFailure(first: Failure, second: Failure): boolean {
  return manner(first) === manner(second);
}

/** Where two runs of one path went different ways. */
export interface Divergence {
  /** The path's actions; the runs differ after the step with the number `step`, from 0. */
  readonly steps: readonly string[];
  readonly step: number;
  readonly expected: string;
  readonly actual: string;
}

const divergences = new WeakSet<Error>();

/** Says that a path no longer leads where it led: the app is not a function of its actions. */
export function replayDiverged(divergence: Divergence, cause?: unknown): ExploreError {
  const { steps, step, expected, actual } = divergence;
  const where =
    step < 0
      ? "in the initial state"
      : `at step ${step + 1} of ${steps.length} (${steps[step]}), path ${branchName(steps)}`;
  const error = new ExploreError(
    "EXPLORE_REPLAY_DIVERGED",
    `Replay diverged ${where}.\n` +
      `  first run: ${expected}\n` +
      `  this run:  ${actual}\n` +
      "The same actions led to different states, so no path found here can be trusted. Usual " +
      "causes: the clock, random values, a background job, or data that no system of the world holds.\n" +
      "Freeze or inject the cause, or leave it out of the state with `identity`.",
    { details: { ...divergence }, ...(cause === undefined ? {} : { cause }) },
  );
  divergences.add(error);
  return error;
}

/** Whether the search itself saw a replay diverge; a user's action may throw the same code. */
export function isDivergence(error: unknown): boolean {
  return error instanceof Error && divergences.has(error);
}

/** How a failure reads in a comparison of two runs: one line. */
export function tellFailure({ kind, error }: Failure): string {
  return kind === "infrastructure" ? `stopped working: ${messageOf(error)}` : messageOf(error);
}

/** How a state reads in a comparison of two runs: one line, also when its name is a form of many. */
export function tellState(fingerprint: string | undefined): string {
  return `state ${fingerprint?.replaceAll(/\s*\n\s*/g, " ")}`;
}

/** Ends an exploration whose app or systems have stopped working. */
export function tooManyInfrastructureFailures(count: number, last: unknown): ExploreError {
  return new ExploreError(
    isExploreError(last) ? last.code : "EXPLORE_ADAPTER_FAILED",
    `${count} branches in a row failed because the app or a system stopped working.\n` +
      `  the last one: ${messageOf(last)}\n` +
      "The exploration was ended: what it would report says nothing about the rules.",
    { cause: last, details: { count } },
  );
}

/** Collects failures by the way in which they happened. */
export interface FailureGroups {
  /** Adds a failure and says which branch failed in the same way before. */
  readonly add: (branch: Branch, failure: Failure) => Failure;
  /** Whether a branch that failed in the same way was added. */
  readonly has: (branch: Branch, failure: Failure) => boolean;
  readonly all: () => FailureGroup[];
}

/** Starts without failures. */
export function createFailureGroups(
  actions: readonly Pick<Action<never>, "name" | "specName">[],
): FailureGroups {
  const keyOf = (branch: Branch, failure: Failure): string => {
    const last = branch.path.at(-1);
    const action = last === undefined ? undefined : actionAt(actions, last);
    return JSON.stringify([manner(failure), action?.specName ?? action?.name]);
  };
  const groups = new Map<string, { manner: string; failure: Failure; branches: Branch[] }>();
  return {
    has: (branch, failure) => groups.has(keyOf(branch, failure)),
    add: (branch, failure) => {
      const key = keyOf(branch, failure);
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, { manner: key, failure, branches: [branch] });
        return failure;
      }
      const [first] = group.branches;
      group.branches.push(branch);
      return first === undefined ? failure : { ...failure, sameAs: first.name };
    },
    all: () => [...groups.values()],
  };
}

function isInfrastructure(error: unknown): boolean {
  const family = familyOf(error);
  return family === "app" || family === "system" || family === "machine" || family === "bug";
}

/** Ids and times differ between two runs of one failure, so digits do not count. */
function manner({ kind, error, invariant }: Failure): string {
  const told = kind === "error" || kind === "infrastructure" ? messageOf(error) : "";
  return JSON.stringify([kind, invariant, told.replaceAll(/\d+/g, "#")]);
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : show(error);
  const [line = ""] = text.split("\n");
  return line;
}
