import type { RunnerTestFile, Vitest } from "vitest/node";
import { groupBy } from "./group-by.ts";
import { mergeSuites } from "./merge-tasks.ts";

/**
 * Makes one file of those that stand for the same file in the blobs of several shards. In place, before
 * Vitest shows them to its reporters: it calls `onInit` between the two.
 */
export function mergeBlobs({ state }: Vitest): void {
  const files = state.blobs?.files;
  if (files === undefined) return;
  const merged = groupBy(files, ({ id }) => id).map((same) => mergeFiles(same));
  files.splice(0, files.length, ...merged);
}

function mergeFiles([first, ...others]: readonly [
  RunnerTestFile,
  ...RunnerTestFile[],
]): RunnerTestFile {
  // One that was not shared stays as it is.
  return others.length === 0 ? first : mergeSuites([first, ...others]);
}
