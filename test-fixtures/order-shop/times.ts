import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestSuite } from "vitest/node";

/** How long an exploration took, branch by branch. */
export interface ExplorationTimes {
  readonly name: string;
  readonly branches: number;
  /** From the start of its first branch to the end of its last one. */
  readonly ms: number;
}

function timesOf(suite: TestSuite): ExplorationTimes {
  const branches = [...suite.children.tests()].filter(({ name }) => name !== "exploration");
  return {
    name: suite.name,
    branches: branches.length,
    ms: Math.max(...branches.map(endOf)) - Math.min(...branches.map(startOf)),
  };
}

function startOf(test: TestCase): number {
  return test.diagnostic()?.startTime ?? NaN;
}

function endOf(test: TestCase): number {
  return startOf(test) + (test.diagnostic()?.duration ?? NaN);
}

/** Writes the times of all explorations to the file that `TIMES_FILE` names. */
export default class TimesReporter implements Reporter {
  onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (modules) => {
    const suites = modules.flatMap((module) => [...module.children.suites()]);
    writeFileSync(process.env["TIMES_FILE"] ?? "times.json", JSON.stringify(suites.map(timesOf)));
  };
}
