import type { RunnerTask, RunnerTestCase, RunnerTestSuite } from "vitest/node";
import { type DriverMeta, driverOf, metaOf, ownMeta } from "../../bridge.ts";
import { ExploreError } from "../../errors.ts";
import { mergeShards, type WholeText } from "../../report/merge-shards.ts";
import { mergeTraces } from "../../trace/merge-traces.ts";
import type { Trace } from "../../trace/trace.ts";
import type { ShardReport } from "../../trace/shard-report.ts";
import { groupBy } from "./group-by.ts";
import { pathOf } from "./task-order.ts";

/**
 * Makes one exploration of what its shards have reported, whose tasks are in the suite already.
 *
 * @param metas - Of the drivers of all shards. No suite but an exploration has any.
 */
export function mergeExploration(suite: RunnerTestSuite, metas: readonly DriverMeta[]): void {
  const driver = driverOf(suite);
  const reports = metas.flatMap(({ shard }) => shard ?? []);
  const [first] = metas;
  if (driver === undefined || first === undefined || reports.length === 0) return;
  suite.tasks = withoutRepeats(suite.tasks);
  const failed = suite.tasks.filter(({ result }) => result?.state === "fail");
  const names = new Set(failed.map(({ name }) => name));
  const whole = mergeShards(reports, (branch) => names.has(branch));
  const { outcome, complete, states, transitions } = whole.summary;
  driver.meta = metaOf({
    role: "driver",
    declared: first.declared,
    whole: complete,
    summary: { outcome, complete, states, transitions },
    ...traceOf(metas, whole.summary, suite.tasks),
  });
  replaceOutput(driver, reports, whole);
  if (whole.differs) fail(driver, shardsDiffer(reports));
  if (whole.failure !== undefined) fail(driver, new Error(whole.failure));
}

/** The trace of the whole, when every shard has recorded its own. */
function traceOf(
  metas: readonly DriverMeta[],
  summary: WholeText["summary"],
  tasks: readonly RunnerTask[],
): Pick<DriverMeta, "trace"> {
  const [first, ...others] = metas.flatMap(({ trace }) =>
    trace === undefined ? [] : [JSON.parse(trace) as Trace],
  );
  if (first === undefined || others.length < metas.length - 1) return {};
  // Where inputs are generated each shard has its own list of actions, of those that it has met.
  if (others.some(({ actions }) => actions.join() !== first.actions.join())) return {};
  const { outcome, complete, endedBy, unexplored, neverEnabled, unwitnessed } = summary;
  const facts = { outcome, complete, unexplored, neverEnabled, unwitnessed };
  const merged = mergeTraces([first, ...others], {
    summary: { ...facts, ...(endedBy && { endedBy }) },
    branches: new Set(tasks.map(({ name }) => name)),
  });
  return { trace: JSON.stringify(merged) };
}

/** Keeps one of the branches that are one transition: one that fails, or the first in order. */
function withoutRepeats(tasks: readonly RunnerTask[]): RunnerTask[] {
  return groupBy(tasks, transitionOf).map(
    (same) => same.find(({ result }) => result?.state === "fail") ?? same[0],
  );
}

function transitionOf(task: RunnerTask): string {
  const own = ownMeta(task.meta);
  if (own?.role !== "branch" || own.from === undefined) return task.id;
  return `${own.from} by ${pathOf(task)?.split("/").at(-1)}`;
}

/** Prints what is known of the whole in the place of what each shard has said of its part. */
function replaceOutput(
  driver: RunnerTestCase,
  reports: readonly ShardReport[],
  { printed, warnings }: { readonly printed: string; readonly warnings: readonly string[] },
): void {
  const parts = reports.flatMap((report) => report.printed);
  const logs = (driver.logs ?? []).flatMap((log) => {
    const content = parts.reduce((text, part) => text.replace(`${part}\n`, ""), log.content);
    return content === "" ? [] : [{ ...log, content }];
  });
  const time = Math.max(...(driver.logs ?? []).map((log) => log.time), 0);
  const log = { taskId: driver.id, time, size: 0 };
  logs.push({ ...log, type: "stdout", content: `${printed}\n` });
  for (const warning of warnings) logs.push({ ...log, type: "stderr", content: `${warning}\n` });
  driver.logs = logs;
}

function fail(driver: RunnerTestCase, error: Error): void {
  const { name, message } = error;
  const { file, location } = driver;
  const stacks = location ? [{ method: "test.explore", file: file.filepath, ...location }] : [];
  const errors = [
    ...(driver.result?.errors ?? []),
    { name, message, stack: `${name}: ${message}`, stacks },
  ];
  driver.result = { ...driver.result, state: "fail", errors };
  // Vitest 5 shows the errors of attempts, where there are any.
  delete driver.result.attempts;
  for (let suite = driver.suite; suite !== undefined; suite = suite.suite) {
    suite.result = { ...suite.result, state: "fail" };
  }
  file.result = { ...file.result, state: "fail" };
}

function shardsDiffer(reports: readonly ShardReport[]): ExploreError {
  const counts = reports.map(({ index, common }) => `${common} by shard ${index}`).join(", ");
  return new ExploreError(
    "EXPLORE_SHARDS_DIFFER",
    "The shards have seen different states where all run the same: there may be branches that none has run.\n" +
      `  transitions that all run: ${counts}\n` +
      "Usual causes: shards of different revisions, or what makes a replay diverge: the clock, random ids, " +
      "a background job, or a table that no adapter observes.",
    { details: { common: reports.map(({ common }) => common) } },
  );
}
