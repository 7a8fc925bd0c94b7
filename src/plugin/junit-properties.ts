import {
  JUnitReporter,
  type Reporter,
  type RunnerTask,
  type RunnerTestSuite,
  type TestModule,
  type Vitest,
  experimental_getRunnerTask as taskOf,
} from "vitest/node";
import { type BranchMeta, type DriverMeta, ownMeta } from "../bridge.ts";
import { reportersOf } from "./reporters.ts";

const added = new WeakSet<Reporter>();

type Properties = Readonly<Record<string, string | undefined>>;

/**
 * Gives cases in Vitest's JUnit report their `properties`. That reporter writes a case's annotations as
 * such. Real ones would be printed by other reporters too, so only it is given a tree that has them.
 */
export function addJunitProperties(vitest: Vitest): void {
  for (const reporter of reportersOf(vitest)) {
    if (!(reporter instanceof JUnitReporter) || added.has(reporter)) continue;
    added.add(reporter);
    const write = reporter.onTestRunEnd.bind(reporter);
    reporter.onTestRunEnd = (modules, ...rest) => write(modules.map(withProperties), ...rest);
  }
}

function withProperties(module: TestModule): TestModule {
  const task = copySuite(taskOf(module));
  return Object.create(module, { task: { value: task } }) as TestModule;
}

function copySuite<Suite extends RunnerTestSuite>(suite: Suite): Suite {
  return { ...suite, tasks: suite.tasks.map(copyTask) };
}

function copyTask(task: RunnerTask): RunnerTask {
  if (task.type === "suite") return copySuite(task);
  const meta = ownMeta(task.meta);
  if (meta === undefined) return task;
  const properties = meta.role === "branch" ? ofBranch(meta) : ofExploration(meta);
  const notes = Object.entries(properties).flatMap(([name, message]) =>
    message === undefined ? [] : [{ type: `explore.${name}`, message }],
  );
  return { ...task, annotations: [...task.annotations, ...notes] };
}

function ofBranch({ path, failure, invariant }: BranchMeta): Properties {
  return { path: path === "" ? "/" : path, failure, invariant };
}

function ofExploration({ summary }: DriverMeta): Properties {
  if (summary === undefined) return {};
  return Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, String(value)]));
}
