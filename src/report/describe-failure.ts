import type { Branch, Failure } from "../explore/records.ts";

/** What the text of a failed branch is made of. */
export interface FailureText {
  readonly branch: Branch;
  readonly failure: Failure;
  /** The message of the error that was thrown. */
  readonly message: string;
  /** The command that runs this branch only. */
  readonly repro: string;
}

/** Says why a branch failed, by which steps it came about, and how to run it alone. */
export function describeFailure({ branch, failure, message, repro }: FailureText): string {
  const { sameAs, output, kind } = failure;
  return [
    message,
    "",
    ...(kind === "infrastructure" ? ["This says nothing about the rules of the spec.", ""] : []),
    ...stepLines(branch.steps),
    ...(sameAs === undefined ? [] : [`The same failure as: ${sameAs}`]),
    ...(output === undefined ? [] : [output]),
    `Run only this branch: ${repro}`,
    "",
  ].join("\n");
}

function stepLines(steps: readonly string[]): readonly string[] {
  if (steps.length === 0) return ["Steps: none, this is the initial state."];
  const last = steps.length - 1;
  const lines = steps.map(
    (step, index) => `  ${index + 1}. ${step}${index === last ? "   <- failed here" : ""}`,
  );
  return ["Steps:", ...lines];
}
