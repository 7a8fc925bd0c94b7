import { ExploreError, isExploreError } from "../../errors.ts";

/** Gives a driver's error our own form where we know more than the server says. */
export function redisFailure(system: string, command: string, cause: unknown): unknown {
  if (isExploreError(cause) || !isOutOfMemory(cause)) return cause;
  return new ExploreError(
    "EXPLORE_REDIS_OUT_OF_MEMORY",
    `${system}: Redis is out of memory and refused ${command}.\n` +
      `  server: ${cause instanceof Error ? cause.message : String(cause)}\n` +
      "Raise `maxmemory` of the server, or explore with less data. An eviction policy is no cure here, " +
      "since the keys that it removes belong to the state.",
    { cause, details: { system, command } },
  );
}

/** Whether the server refused a write since it has used up `maxmemory`. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /\bOOM command not allowed\b/.test(error.message);
}

/** Says that the keys do not come to rest. */
export function stillWriting(
  system: string,
  verb: string,
  facts: { readonly keys: readonly string[]; readonly quiescenceMs: number },
): ExploreError {
  const { keys, quiescenceMs } = facts;
  return new ExploreError(
    "EXPLORE_TRANSACTION_OPEN",
    `${system}: cannot ${verb}, since keys have been written all the time for ${quiescenceMs} ms.\n` +
      `  written last: ${keys.slice(0, 5).join(", ")}\n` +
      "An action must not answer before its writes are done. Await what the action started, stop the other " +
      "writer, or raise `quiescenceMs`.",
    { details: { system, verb, keys, quiescenceMs } },
  );
}
