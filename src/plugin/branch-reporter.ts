import {
  type Reporter,
  type RunnerTestCase,
  type TestCase,
  type TestModule,
  type Vitest,
  experimental_getRunnerTask as taskOf,
} from "vitest/node";
import {
  BRANCHES_ARTIFACT,
  type BranchCase,
  type BranchesArtifact,
  branchTask,
  moduleKey,
} from "../bridge.ts";
import { applyUpdates } from "./apply-updates.ts";
import type { BranchNames } from "./branch-index.ts";
import { addJunitProperties } from "./junit-properties.ts";
import { mergeBlobs } from "./sharing/merge-blobs.ts";
import { createMirrors } from "./mirrors.ts";
import { reportersOf } from "./reporters.ts";
import { workerCrash } from "./worker-crash.ts";

/** What the reporter has to do at the end of a run besides reporting. */
export interface BranchReporterOptions {
  readonly names: BranchNames;
  readonly sweep: () => Promise<void>;
}

/**
 * Turns what drivers send into cases of Vitest's task tree. It must be the first reporter: the others
 * shall find the tree complete.
 */
export function createBranchReporter(
  vitest: Vitest,
  { names, sweep }: BranchReporterOptions,
): Reporter {
  const branches = createBranches(vitest);
  const mirrors = createMirrors(vitest);
  let warned = false;

  // Synchronous until the cases are registered: an update of one may be the next message.
  function register(driver: TestCase, artifact: BranchesArtifact): void {
    const task = taskOf(driver);
    // Transport only; left in place it would be in every blob and HTML report.
    task.artifacts.splice(task.artifacts.indexOf(artifact), 1);
    // Without a runner of ours nobody has told the driver where it was declared.
    if (task.suite?.location !== undefined) task.location ??= task.suite.location;
    branches.add(driver, artifact.cases);
    artifact.registered = true;
    mirrors.progress(driver, artifact.progress);
    if (artifact.cases.length > 0) mirrors.grown(driver.module, artifact.cases.length);
  }

  return {
    onInit: () => {
      mergeBlobs(vitest);
      addJunitProperties(vitest);
    },
    onTestModuleQueued: (module) => branches.forget(module),
    onTestCaseArtifactRecord: (driver, artifact) => {
      if (artifact.type !== BRANCHES_ARTIFACT) return undefined;
      register(driver, artifact);
      if (artifact.updates === undefined) return undefined;
      if (!warned) warnAboutRunner(vitest, driver);
      warned = true;
      return applyUpdates(vitest, driver, artifact.updates);
    },
    onTestModuleEnd: (module) => {
      mirrors.flush(module);
      names.collect(taskOf(module));
    },
    // Settled synchronously, so that the others write their reports from the settled tree.
    onTestRunEnd: () => {
      for (const branch of branches.unfinished()) {
        branch.result = workerCrash(branch);
        const entity = vitest.state.getReportedEntity(branch);
        if (entity?.type !== "test") continue;
        for (const reporter of reportersOf(vitest)) void reporter.onTestCaseResult?.(entity);
      }
      names.save();
      return sweep();
    },
  };
}

/** The cases that were added to Vitest's tree. */
interface Branches {
  readonly add: (driver: TestCase, cases: readonly BranchCase[]) => void;
  /** Called when a module is about to run again: its tree is replaced, and its ids must go too. */
  readonly forget: (module: TestModule) => void;
  readonly unfinished: () => readonly RunnerTestCase[];
}

function createBranches({ state }: Vitest): Branches {
  const modules = new Map<string, Map<string, RunnerTestCase>>();

  return {
    add: (driver, cases) => {
      const { suite } = taskOf(driver);
      if (suite === undefined) return;
      const key = keyOf(driver.module);
      const known = modules.get(key) ?? new Map<string, RunnerTestCase>();
      modules.set(key, known);
      for (const each of cases) {
        if (known.has(each.id)) continue;
        const branch = branchTask(suite, each);
        suite.tasks.push(branch);
        state.updateId(branch, driver.project);
        known.set(branch.id, branch);
      }
    },
    forget: (module) => {
      const key = keyOf(module);
      for (const id of modules.get(key)?.keys() ?? []) state.idMap.delete(id);
      modules.delete(key);
    },
    unfinished: () =>
      [...modules.values()]
        .flatMap((each) => [...each.values()])
        .filter(({ result }) => result === undefined || result.state === "run"),
  };
}

function keyOf({ project, relativeModuleId }: TestModule): string {
  return moduleKey(project.name, relativeModuleId);
}

function warnAboutRunner({ logger }: Vitest, { project: { name, config } }: TestCase): void {
  logger.warn(
    `vitest-explore: ${name ? `project "${name}"` : "this project"} has a runner of its own, ${config.runner}.\n` +
      "Branches are reported all the same, but without --bail, running a single branch, and console output " +
      "and snapshots by branch.\n" +
      'To get them: export default withExploreRunner(MyRunner), from "vitest-explore/runner".',
  );
}
