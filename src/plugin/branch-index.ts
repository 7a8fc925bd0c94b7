import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RunnerTestFile, RunnerTestSuite } from "vitest/node";
import { type BranchIndex, driverOf, fullTestName, moduleKey, ownMeta } from "../bridge.ts";

/** More names are not kept: the index is read by every worker that runs single branches. */
const maxBranches = 20_000;

type ModuleNames = Readonly<Record<string, readonly string[]>>;

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
      const modules = { ...readIndex(indexFile).modules };
      for (const [key, file] of collected) {
        const names = namesOf(file, modules[key] ?? {});
        if (Object.keys(names).length > 0) modules[key] = names;
        else delete modules[key];
      }
      collected.clear();
      writeIndex(indexFile, { version: 1, modules });
    },
  };
}

/** Names of every exploration that is still in the module; of those that were renamed no trace. */
function namesOf(file: RunnerTestFile, earlier: ModuleNames): ModuleNames {
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
      const kept = new Set([...(whole ? [] : (earlier[name] ?? [])), ...branchesOf(task)]);
      if (kept.size > 0) names[name] = [...kept].slice(0, maxBranches);
    }
  }
  visit(file);
  return names;
}

function branchesOf(suite: RunnerTestSuite): string[] {
  return suite.tasks
    .filter((task) => ownMeta(task.meta)?.role === "branch")
    .map((task) => task.name);
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
  mkdirSync(dirname(indexFile), { recursive: true });
  // Renamed into place, so that a worker of another Vitest never reads half a file.
  const draft = `${indexFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(index));
  renameSync(draft, indexFile);
}
