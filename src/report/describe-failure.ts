import type { Branch, Failed, Failure } from "../explore/records.ts";
import type { TracedStep } from "../trace/trace.ts";
import { inputText, stepFacts } from "./step-text.ts";

/** So many steps at the end are told with what happened in them, so many more by their names. */
const MOST_TOLD = 8;
const MOST_NAMED = 24;

/** What the text of a failed branch is made of. */
export interface FailureText extends Failed {
  /** The message of the error that was thrown. */
  readonly message: string;
  /** The command that runs this branch only. */
  readonly repro: string;
}

/** Says why a branch failed, by which steps it came about, and how to run it alone. */
export function describeFailure({ branch, failure, message, repro }: FailureText): string {
  const { sameAs, kind, shrunk } = failure;
  const { steps } = shrunk ?? branch;
  return [
    message,
    "",
    ...(kind === "infrastructure" ? ["This says nothing about the rules of the spec.", ""] : []),
    ...(shrunk === undefined ? [] : [shrunkLine(branch, shrunk), ""]),
    ...stepLines(
      stepsOf(steps, failure),
      failure.failedAt ?? steps.length,
      factsOf(failure, message),
    ),
    ...(sameAs === undefined ? [] : [`The same failure as: ${sameAs}`]),
    `Run only this branch: ${repro}`,
    "",
  ].join("\n");
}

function shrunkLine({ steps }: Branch, shrunk: Branch): string {
  if (steps.length === shrunk.steps.length) return "Shrunk to simpler inputs.";
  return `Shrunk from ${steps.length} steps to ${shrunk.steps.length}: ${shrunk.name}`;
}

/** The steps with their inputs. */
function stepsOf(names: readonly string[], { steps = [] }: Failure): readonly string[] {
  const inputs = new Map(steps.map((step) => [step.number, inputText(step)]));
  return names.map((name, index) => `${name}${inputs.get(index + 1) ?? ""}`);
}

/** What was recorded of each step, by its number. */
function factsOf(
  { steps = [], sameAs }: Failure,
  message: string,
): ReadonlyMap<number, readonly string[]> {
  // The steps of the first failure of a kind are told; of the others the one that they differ in.
  const told = sameAs === undefined ? steps.slice(-MOST_TOLD) : steps.slice(-1);
  const asked = told.flatMap(({ exchanges, checks = [] }) => [...exchanges, ...checks]);
  const several = new Set(asked.map(({ system }) => system)).size > 1;
  return new Map(
    told.map((step) => [step.number, stepFacts(withoutToldOutput(step, message), several)]),
  );
}

/** An app that died or hung is reported together with what it printed last. */
function withoutToldOutput(step: TracedStep, message: string): TracedStep {
  return /^ +output:$/m.test(message) ? { ...step, output: [] } : step;
}

function stepLines(
  steps: readonly string[],
  failedAt: number,
  facts: ReadonlyMap<number, readonly string[]>,
): readonly string[] {
  if (steps.length === 0) return ["Steps: none, this is the initial state."];
  const left = Math.max(steps.length - MOST_NAMED, 0);
  const lines = steps.slice(left).flatMap((step, at) => {
    const index = left + at;
    const own = facts.get(index + 1) ?? [];
    return [
      `  ${index + 1}. ${step}${index + 1 === failedAt ? "   <- failed here" : ""}`,
      ...own.map((line) => `       ${line}`),
    ];
  });
  const note = left === 0 ? [] : [`  (${left} earlier steps)`];
  return ["Steps:", ...note, ...lines];
}
