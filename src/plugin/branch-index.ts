import { readFileSync } from "node:fs";
import type { RunnerTask, RunnerTestFile, RunnerTestSuite } from "vitest/node";
import {
  type BranchIndex,
  type ExplorationNames,
  driverOf,
  fullTestName,
  moduleKey,
  ownMeta,
} from "../bridge.ts";
import { writeWhole } from "./write-file.ts";

/** More names are not kept: the index is read by every worker that runs single branches. */
const maxBranches = 20_000;
/** More failures are not run first: they would not be looked at one by one either. */
const maxFailed = 50;

/**
 * Keeps the names of the branches, so that a later run can address one by name, id or UI click before
 * the exploration has met it again.
 */
export interface BranchNames {
  /** Takes the names out of a module that has run. */
  readonly collect: (file: RunnerTestFile) => void;
  /** Merges what was collected into the index file. */
  readonly save: () => void;
}

export function createBranchNames(indexFile: string): BranchNames {
  const collected = new Map<string, RunnerTestFile>();
  return {
    collect: (file) => {
      collected.set(moduleKey(file.projectName ?? "", file.name), file);
    },
    save: () => {
      if (collected.size === 0) return;
      // Read again: another Vitest may have written since.
      const { modules, failed } = readIndex(indexFile);
      const names = { ...modules };
      const failures = { ...failed };
      for (const [key, file] of collected) {
        put(names, key, collectNames(file, modules[key], allOf));
        put(failures, key, collectNames(file, failed?.[key], failedOf));
      }
      collected.clear();
      writeIndex(indexFile, { version: 1, modules: names, failed: failures });
    },
  };
}

function put(into: Record<string, ExplorationNames>, key: string, names: ExplorationNames): void {
  if (Object.keys(names).length > 0) into[key] = names;
  else delete into[key];
}

/** What is kept of an exploration that has run: all its branches, or those that failed. */
type Pick = (branches: readonly RunnerTask[], earlier: readonly string[]) => readonly string[];

const allOf: Pick = (branches, earlier) =>
  [...new Set([...earlier, ...branches.map(({ name }) => name)])].slice(0, maxBranches);

const failedOf: Pick = (branches, earlier) => {
  const ran = new Set(branches.filter(({ result }) => result !== undefined).map(nameOf));
  const failed = branches.filter(({ result }) => result?.state === "fail").map(nameOf);
  return [...failed, ...earlier.filter((name) => !ran.has(name))].slice(0, maxFailed);
};

function nameOf({ name }: RunnerTask): string {
  return name;
}

/** Names of every exploration that is still in the module; of those that were renamed no trace. */
function collectNames(
  file: RunnerTestFile,
  earlier: ExplorationNames | undefined,
  pick: Pick,
): ExplorationNames {
  const names: Record<string, readonly string[]> = {};
  function visit(suite: RunnerTestSuite): void {
    for (const task of suite.tasks) {
      if (task.type !== "suite") continue;
      const driver = driverOf(task);
      if (driver === undefined) {
        visit(task);
        continue;
      }
      const meta = ownMeta(driver.meta);
      const whole = meta?.role === "driver" && meta.whole === true;
      const name = fullTestName(task);
      const kept = pick(branchesOf(task), whole ? [] : (earlier?.[name] ?? []));
      if (kept.length > 0) names[name] = kept;
    }
  }
  visit(file);
  return names;
}

function branchesOf(suite: RunnerTestSuite): readonly RunnerTask[] {
  return suite.tasks.filter((task) => ownMeta(task.meta)?.role === "branch");
}

function readIndex(indexFile: string): BranchIndex {
  try {
    const index = JSON.parse(readFileSync(indexFile, "utf8")) as BranchIndex;
    if (index.version === 1) return index;
  } catch {
    // There is none yet, or it is damaged: it is a cache, so it starts anew.
  }
  return { version: 1, modules: {} };
}

function writeIndex(indexFile: string, index: BranchIndex): void {
  writeWhole(indexFile, JSON.stringify(index));
}
