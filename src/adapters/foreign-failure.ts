import { ExploreError, isExploreError } from "../errors.ts";

/**
 * Gives what is not an error of ours our form.
 *
 * @returns `EXPLORE_ADAPTER_FAILED` with the driver's error as `cause`; one of ours as it is.
 */
export function foreignFailure(system: string, verb: string, cause: unknown): unknown {
  if (isExploreError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExploreError(
    "EXPLORE_ADAPTER_FAILED",
    `${system}: ${verb} failed: ${reason}\n` +
      "So said the driver. Look whether what it speaks to still runs, whether an action ended connections that are not the app's own, and whether a right or space is missing.",
    { cause, details: { system, verb } },
  );
}
