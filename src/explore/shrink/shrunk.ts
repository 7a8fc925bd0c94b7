import { takesInputs } from "../inputs.ts";
import type { Branch } from "../records.ts";
import type { BranchResult } from "../run-branch.ts";
import type { Run } from "../search.ts";

/** A branch that was run and is about to be told. */
interface Ran {
  readonly branch: Branch;
  readonly result: BranchResult;
  /** Asked before each run of a shorter path. */
  readonly isOver: () => boolean;
}

/**
 * The result with its failure's path and inputs as simple as they get; only the first failure of a kind
 * is told.
 */
export async function shrunk<Args>(
  { search, recorder, options }: Run<Args>,
  { branch, result, isOver }: Ran,
): Promise<BranchResult> {
  const { failure } = result;
  if (failure === undefined) return result;
  if (branch.path.length < 2 && !takesInputs(branch.path, options.actions)) return result;
  // A divergence is a matter of its own way; the others say nothing about the rules.
  if (failure.kind !== "violation" && failure.kind !== "error") return result;
  if (recorder.isKnown(branch, failure)) return result;
  return { ...result, failure: await search.shrink({ branch, failure }, isOver) };
}
