import type { RunnerTestCase, RunnerTestSuite } from "vitest/node";
import { driverOf, fullTestName } from "../bridge.ts";

/** An exploration in Vitest's task tree. */
export interface ExplorationTask {
  /** With those of the suites around it. */
  readonly name: string;
  readonly driver: RunnerTestCase;
}

/** Finds the explorations of a module or suite, in the order they are declared. */
export function explorationsOf({ tasks }: RunnerTestSuite): readonly ExplorationTask[] {
  return tasks.flatMap((task) => {
    if (task.type !== "suite") return [];
    const driver = driverOf(task);
    return driver === undefined ? explorationsOf(task) : [{ name: fullTestName(task), driver }];
  });
}
