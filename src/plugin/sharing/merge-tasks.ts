import type { RunnerTask, RunnerTaskResult, RunnerTestCase, RunnerTestSuite } from "vitest/node";
import { driverOf, ownMeta } from "../../bridge.ts";
import { groupBy } from "./group-by.ts";
import { mergeExploration } from "./merge-exploration.ts";
import { byPlace } from "./task-order.ts";

type Several<T> = readonly [T, ...T[]];

/** Puts suites that stand for one, in several shards, into the first of them. */
export function mergeSuites<S extends RunnerTestSuite>(suites: Several<S>): S {
  const [into] = suites;
  // Read before the drivers become one.
  const drivers = suites.flatMap((suite) => driverOf(suite) ?? []);
  const metas = drivers.map(({ meta }) => ownMeta(meta));
  const tasks = groupBy(
    suites.flatMap((suite) => suite.tasks),
    ({ id }) => id,
  );
  into.tasks = tasks.map((same) => placed(mergeTasks(same), into)).toSorted(byPlace);
  into.mode = suites.find(({ mode }) => mode === "run")?.mode ?? into.mode;
  mergeOutcomes(suites);
  mergeExploration(
    into,
    metas.flatMap((meta) => (meta?.role === "driver" ? [meta] : [])),
  );
  return into;
}

function mergeTasks(tasks: Several<RunnerTask>): RunnerTask {
  const [first, ...others] = tasks;
  if (others.length === 0) return first;
  const tests = tasks.filter((task) => task.type === "test");
  const suites = tasks.filter((task) => task.type === "suite");
  if (first.type === "suite") return mergeSuites([first, ...suites.slice(1)]);
  return mergeTests([first, ...tests.slice(1)]);
}

/** A test that was not one shard's alone: of those that have run the worst counts. */
function mergeTests(tests: Several<RunnerTestCase>): RunnerTestCase {
  const [into] = tests;
  const worst = tests.toSorted((a, b) => rank(b.result) - rank(a.result))[0] ?? into;
  const { mode, meta, annotations, artifacts } = worst;
  Object.assign(into, { mode, meta, annotations, artifacts });
  mergeOutcomes(tests);
  return into;
}

/** Gives the first the worst state, the longest duration, and the errors and output of all. */
function mergeOutcomes(tasks: Several<RunnerTask>): void {
  const [into] = tasks;
  const results = tasks.flatMap(({ result }) => result ?? []);
  const worst = results.toSorted((a, b) => rank(b) - rank(a))[0];
  if (worst !== undefined) {
    const errors = unique(
      results.flatMap((result) => result.errors ?? []),
      ({ name, message }) => `${name} ${message}`,
    );
    const durations = results.flatMap(({ duration }) => duration ?? []);
    const duration = durations.length === 0 ? undefined : Math.max(...durations);
    into.result = { ...worst, ...(duration !== undefined && { duration }) };
    if (errors.length > 0) into.result.errors = errors;
    // They are of one machine, and Vitest 5 would show their errors alone.
    if (errors.length > (worst.errors?.length ?? 0)) delete into.result.attempts;
  }
  const logs = unique(
    tasks.flatMap((task) => task.logs ?? []),
    ({ type, content }) => `${type} ${content}`,
  );
  if (logs.length > 0) into.logs = logs;
}

const RANKS: Readonly<Partial<Record<RunnerTaskResult["state"], number>>> = {
  fail: 3,
  run: 2,
  pass: 1,
};

function rank(result: RunnerTaskResult | undefined): number {
  return result === undefined ? -1 : (RANKS[result.state] ?? 0);
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return groupBy(items, keyOf).map(([first]) => first);
}

/** Makes a task a part of a suite. */
function placed(task: RunnerTask, suite: RunnerTestSuite): RunnerTask {
  if (task.suite !== undefined) task.suite = suite;
  const visit = (each: RunnerTask): void => {
    each.file = suite.file;
    if (each.type === "suite") each.tasks.forEach(visit);
  };
  visit(task);
  return task;
}
