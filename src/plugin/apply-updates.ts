import { parseErrorStacktrace } from "@vitest/utils/source-map";
import type { Reporter, RunnerTaskResult, RunnerTestCase, TestCase, Vitest } from "vitest/node";
import type { BranchUpdate } from "../bridge.ts";
import { reportersOf } from "./reporters.ts";

type TestAnnotation = RunnerTestCase["annotations"][number];

/** Does what Vitest does with a runner's updates, for projects that have no runner of ours. */
export async function applyUpdates(
  vitest: Vitest,
  driver: TestCase,
  updates: readonly BranchUpdate[],
): Promise<void> {
  for (const update of updates) {
    const entity = vitest.state.getReportedEntityById(update.id);
    const task = vitest.state.idMap.get(update.id);
    if (entity?.type !== "test" || task?.type !== "test") continue;
    applyResult(vitest, { driver, task, update });
    for (const reporter of reportersOf(vitest)) await tell(reporter, entity, update);
  }
}

function applyResult(
  { state }: Vitest,
  to: { driver: TestCase; task: RunnerTestCase; update: BranchUpdate },
): void {
  const { driver, task, update } = to;
  const result = update.result as RunnerTaskResult;
  const frameFilter = driver.project.config.onStackTrace;
  for (const error of result.errors ?? []) {
    error.stacks = parseErrorStacktrace(error, { frameFilter });
  }
  state.updateTasks([[task.id, result, update.meta]]);
  task.annotations.push(...(update.annotations as readonly TestAnnotation[]));
}

async function tell(reporter: Reporter, entity: TestCase, update: BranchUpdate): Promise<void> {
  if (update.events.includes("test-prepare")) await reporter.onTestCaseReady?.(entity);
  for (const annotation of update.annotations as readonly TestAnnotation[]) {
    await reporter.onTestCaseAnnotate?.(entity, annotation);
  }
  if (update.events.includes("test-finished")) await reporter.onTestCaseResult?.(entity);
}
