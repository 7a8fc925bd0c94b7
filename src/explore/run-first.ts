import { encodePath, type Path } from "../trace/path-codec.ts";
import type { BranchPlan } from "./attempt.ts";
import { branchOf } from "./branch.ts";
import { clock } from "./clock.ts";
import type { Branch, ExplorationRecord } from "./records.ts";
import type { BranchResult } from "./run-branch.ts";
import { approach, runLast, runPaths } from "./run-paths.ts";
import type { Run } from "./search.ts";
import { shrunk } from "./shrink/shrunk.ts";

/** What was run before the search, by the branch's name. */
export interface Earlier {
  readonly results: ReadonlyMap<string, BranchResult>;
  /** Branches that failed last time and cannot be run any more. */
  readonly gone: readonly string[];
  /** What `sometimes` rules it has satisfied; the search's own witnesses come first. */
  readonly witnesses: ReadonlyMap<string, Branch>;
}

/**
 * Runs branches before the search begins: those that failed last time, and the sequences of the spec.
 *
 * @param run - A search of its own, since what is met here must not change the order of the other.
 */
export async function* runFirst<Args>(run: Run<Args>): AsyncGenerator<ExplorationRecord, Earlier> {
  const { options } = run;
  const { remembered = [], written = [] } = options;
  const results = new Map<string, BranchResult>();
  const told = (branch: Branch, result: BranchResult): void =>
    void results.set(branch.name, result);
  const gone: string[] = [];
  for (const path of remembered) {
    const branch = branchOf(path, options.actions);
    if (options.only?.(branch.name) === false) continue;
    if (options.signal.aborted) break;
    // Nobody is told of a branch before it is known that there still is one.
    const way = await approach(run, branch);
    if ("result" in way) gone.push(branch.name);
    else yield* runAgain(run, { branch, plan: way.plan }, told);
  }
  const isNew = (path: Path): boolean => !results.has(branchOf(path, options.actions).name);
  yield* runPaths(run, written.filter(isNew), told);
  return { results, gone, witnesses: run.search.checks.witnesses };
}

async function* runAgain<Args>(
  run: Run<Args>,
  { branch, plan }: { readonly branch: Branch; readonly plan: BranchPlan },
  told: (branch: Branch, result: BranchResult) => void,
): AsyncGenerator<ExplorationRecord, void> {
  const { search, recorder, options } = run;
  yield recorder.started(branch);
  search.steps.throwIfAborted();
  const sinceMs = clock.now();
  const result = await runLast(run, plan);
  recorder.count(result, plan.action);
  told(branch, result);
  const isWritten = options.written?.some((path) => encodePath(path) === encodePath(branch.path));
  const isOver = (): boolean => options.signal.aborted;
  const shorter = isWritten ? result : await shrunk(run, { branch, result, isOver });
  yield recorder.finished(branch, shorter, sinceMs);
  recorder.assertAlive();
}
