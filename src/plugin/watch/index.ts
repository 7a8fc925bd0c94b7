import { type Vitest, experimental_getRunnerTask as taskOf } from "vitest/node";
import { INPUTS_ARTIFACT } from "../../bridge.ts";
import { leftOutText } from "../../report/left-out.ts";
import { explorationsOf } from "../explorations.ts";
import { createFailedEarlier, type FailedEarlier } from "./failed-earlier.ts";
import { watchFiles } from "./files.ts";
import { createMemory, keyOf, type Unchanged } from "./memory.ts";

/** What watch mode does with explorations. */
export interface Watching {
  /** The explorations that the run which has just begun leaves out. */
  readonly unchanged: () => Unchanged;
  /** Branches that have failed since watching began. */
  readonly failedEarlier: FailedEarlier["names"];
}

// By configuration: when that changes, nothing is known any more.
const known = new WeakMap<Vitest["config"], Watching>();

/**
 * Runs explorations again where Vitest would not, and leaves out those that it would run again although
 * nothing has changed.
 *
 * @returns `undefined` where nobody watches.
 */
export function watchExplorations(vitest: Vitest): Watching | undefined {
  if (!vitest.config.watch) return undefined;
  const watching = known.get(vitest.config) ?? createWatching(vitest);
  known.set(vitest.config, watching);
  return watching;
}

function createWatching(vitest: Vitest): Watching {
  const files = watchFiles(vitest);
  const memory = createMemory(vitest);
  const failedEarlier = createFailedEarlier();
  const wasSaved = createTrigger(vitest);
  let unchanged: Unchanged = {};
  vitest.config.reporters.push({
    onTestRunStart: () => {
      unchanged = wasSaved() && !isPicked(vitest) ? memory.unchanged() : {};
      memory.begin();
    },
    onTestModuleCollected: (module) => {
      files.collect(module);
      for (const { name, driver } of explorationsOf(taskOf(module))) {
        const branches = driver.mode === "skip" ? unchanged[keyOf(module)]?.[name] : undefined;
        // Few reporters print why a test was skipped.
        if (branches !== undefined) {
          vitest.logger.log(`vitest-explore: ${name}: ${leftOutText(branches)}`);
        } else if (driver.mode !== "skip") memory.forget(module, name);
      }
    },
    onTestModuleEnd: failedEarlier.collect,
    onTestCaseArtifactRecord: (driver, artifact) => {
      if (artifact.type !== INPUTS_ARTIFACT) return;
      // Transport only; left in place it would be in every blob and HTML report.
      const { artifacts } = taskOf(driver);
      artifacts.splice(artifacts.indexOf(artifact), 1);
      memory.keep(driver, artifact.files);
    },
  });
  return { unchanged: () => unchanged, failedEarlier: failedEarlier.names };
}

/** Tells whether a saved file has begun the run; all others somebody has asked for. */
function createTrigger(vitest: Vitest): () => boolean {
  let isSave = false;
  let wasSave = false;
  // Vitest asks this only of what a change makes it run again.
  vitest.onFilterWatchedSpecification(() => {
    isSave = true;
    return true;
  });
  vitest.onTestsRerun(() => {
    wasSave = isSave;
    isSave = false;
  });
  return () => {
    const was = wasSave;
    wasSave = false;
    return was;
  };
}

/** Whoever asks for certain tests, or for coverage, wants them run. */
function isPicked(vitest: Vitest): boolean {
  return vitest.config.coverage.enabled || vitest.getGlobalTestNamePattern() !== undefined;
}
