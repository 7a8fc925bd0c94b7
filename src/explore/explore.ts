import { startAhead } from "./assistants/start-ahead.ts";
import { branchOf } from "./branch.ts";
import { clock } from "./clock.ts";
import { guardSubject } from "./guard-subject.ts";
import { assertOptions, type ExploreOptions } from "./options.ts";
import { createRecorder } from "./recorder.ts";
import type { EndedBy, ExplorationRecord, Summary } from "./records.ts";
import { runFirst } from "./run-first.ts";
import { runPaths } from "./run-paths.ts";
import { runSearch } from "./run-search.ts";
import { startSearch, type Run } from "./search.ts";
import { createSteps } from "./steps.ts";
import { summarise } from "./summary.ts";

export type { ExploreOptions } from "./options.ts";

/**
 * Runs every action once from every state within the depth, in the order of the strategy, and tells
 * of each such transition as a branch.
 *
 * Leaves the subject in the state of the last branch, with the checkpoint of the initial state.
 *
 * @returns The summary, as the generator's return value.
 * @throws ExploreError `EXPLORE_USAGE` when an invariant or `enabled` answers neither true nor false;
 * `EXPLORE_STEP_TIMEOUT` when a step is still running after its time and a grace of a second;
 * whatever stopped the app or a system, when no state can be reached any more or after
 * three branches in a row that failed by it.
 */
export async function* explore<Args, Mark>(
  options: ExploreOptions<Args, Mark>,
): AsyncGenerator<ExplorationRecord, Summary> {
  assertOptions(options);
  const subject = guardSubject(options.subject);
  const { signal, budget } = options;
  const steps = createSteps({ subject, signal, stepTimeoutMs: budget.stepTimeoutMs });
  let run: Run<Args> | undefined;
  try {
    const start = { mark: await subject.checkpoint(), fingerprint: await subject.fingerprint() };
    const startRun = (own: ExploreOptions<Args, Mark>): Run<Args> => {
      const search = startSearch({ ...own, subject }, steps, start);
      const started: Run<Args> = {
        options,
        search,
        ahead: startAhead(own, search, () => started.earlier),
        recorder,
        transitions: 0,
        earlier: { results: new Map(), gone: [], witnesses: new Map() },
        shared: own.shard && [],
      };
      return started;
    };
    const recorder = createRecorder(options.trace !== undefined, options.actions);
    const main = startRun(options);
    run = main;
    options.watch?.(() => ({
      states: main.search.graph.size(),
      transitions: main.transitions,
      open: main.search.expansion.open(),
      depth: main.search.travel.reached()?.depth ?? 0,
    }));
    let endedBy: EndedBy | undefined;
    try {
      endedBy = yield* runAll(run, () => startRun({ ...options, paths: [], shard: undefined }));
    } catch (error) {
      if (!steps.isAbort(error)) throw error;
      endedBy = "aborted";
    }
    run.ahead?.close();
    await run.search.marks.releaseAll();
    return summarise(run, endedBy);
  } finally {
    steps.dispose();
    run?.ahead?.close();
    // Something is left only after an error or a `return`; and then this error is not the news.
    await run?.search.marks.releaseAll().catch(() => undefined);
  }
}

/** @param startFirst - Starts the search of what is run before the search. */
async function* runAll<Args>(
  run: Run<Args>,
  startFirst: () => Run<Args>,
): AsyncGenerator<ExplorationRecord, EndedBy | undefined> {
  const { paths, remembered = [] } = run.options;
  const written = isFirstShard(run) ? (run.options.written ?? []) : [];
  if (!(yield* runInitialState(run))) return "initialState";
  if (paths !== undefined) return yield* runPaths(run, paths);
  if (remembered.length + written.length > 0) {
    const first = startFirst();
    try {
      run.earlier = yield* runFirst(first);
    } finally {
      await first.search.marks.releaseAll();
    }
    await first.search.travel.to(first.search.graph.root);
  }
  return yield* runSearch(run);
}

/** Looks at the initial state, which is worth a record only when it fails or was asked for. */
async function* runInitialState<Args>(run: Run<Args>): AsyncGenerator<ExplorationRecord, boolean> {
  const { options, search, recorder } = run;
  const sinceMs = clock.now();
  const branch = branchOf([], options.actions);
  const { root } = search.graph;
  const at = { branch, from: root, action: undefined };
  const result = await search.run({ ...at, hooked: false, confirmed: true });
  const isAskedFor = options.paths?.some(({ length }) => length === 0) ?? false;
  if ((result.failure !== undefined || isAskedFor) && isFirstShard(run)) {
    yield recorder.started(branch);
    yield recorder.finished(branch, result, sinceMs);
  }
  return result.failure === undefined;
}

/** Whether what cannot be shared is to be run here. */
function isFirstShard<Args>({ options: { shard } }: Run<Args>): boolean {
  return shard === undefined || shard.index === 1;
}
