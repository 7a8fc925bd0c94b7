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
  const last = branch.steps.length - 1;
  const steps = branch.steps.map(
    (step, index) => `  ${index + 1}. ${step}${index === last ? "   <- failed here" : ""}`,
  );
  return [
    message,
    "",
    ...(steps.length > 0 ? ["Steps:", ...steps] : ["Steps: none, this is the initial state."]),
    ...(failure.sameAs === undefined ? [] : [`The same failure as: ${failure.sameAs}`]),
    `Run only this branch: ${repro}`,
    "",
  ].join("\n");
}
