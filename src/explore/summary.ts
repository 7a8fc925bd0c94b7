import { branchOf } from "./branch.ts";
import { next } from "./graph.ts";
import type { Action } from "./model.ts";
import type { EndedBy, Summary, Timing } from "./records.ts";
import type { Run } from "./search.ts";
import { traceOf } from "./tracing/trace-of.ts";

/** Sums an exploration up when it is over. */
export function summarise<Args>(run: Run<Args>, endedBy: EndedBy | undefined): Summary {
  const { options, search, recorder, transitions } = run;
  const { graph, travel, expansion } = search;
  const witnesses = new Map(search.checks.witnesses);
  for (const [name, branch] of run.earlier.witnesses) {
    if (!witnesses.has(name)) witnesses.set(name, branch);
  }
  const failures = recorder.failures();
  const groups = numbersBySpecName(options.actions);
  const complete = endedBy === undefined;
  let depth = 0;
  let completeTo = complete ? options.budget.depth : Infinity;
  // At the end, not on the way: depths shrink as shorter paths are found.
  for (const state of graph.states()) {
    depth = Math.max(depth, state.depth);
    if (state.openEdges > 0 || state.expansion === "queued") {
      completeTo = Math.min(completeTo, state.depth);
    }
  }
  const summary: Summary = {
    outcome: failures.length > 0 ? "violation" : complete ? "exhausted" : "budget",
    complete,
    ...(complete ? {} : { endedBy }),
    unexplored: expansion.open(),
    states: graph.size(),
    transitions,
    replayedSteps: travel.replayedSteps(),
    depth,
    neverEnabled: neverEnabled(
      groups,
      (action) => endedBy === "paths" || expansion.wasEnabled(action),
    ),
    witnesses,
    unwitnessed: options.invariants
      .filter(({ name, expectation }) => expectation === "sometimes" && !witnesses.has(name))
      .map(({ name }) => name),
    completeTo: Number.isFinite(completeTo) ? completeTo : 0,
    timings: [...groups].map(([action, numbers]) =>
      timingOf(action, numbers.map(recorder.timings)),
    ),
    failures,
    fixed: fixedOf(run),
    gone: run.earlier.gone,
    ...partOf(run),
  };
  return options.trace === undefined
    ? summary
    : { ...summary, trace: traceOf(run, summary, options.trace) };
}

/** The numbers of the actions, by the name that the spec has for them. */
function numbersBySpecName(
  actions: readonly Pick<Action<never>, "name" | "specName">[],
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [number, { name, specName = name }] of actions.entries()) {
    const group = groups.get(specName);
    if (group === undefined) groups.set(specName, [number]);
    else group.push(number);
  }
  return groups;
}

function neverEnabled(
  groups: ReadonlyMap<string, readonly number[]>,
  wasEnabled: (action: number) => boolean,
): readonly string[] {
  return [...groups].filter(([, numbers]) => !numbers.some(wasEnabled)).map(([name]) => name);
}

function timingOf(action: string, parts: readonly Omit<Timing, "action">[]): Timing {
  const runs = parts.reduce((sum, part) => sum + part.runs, 0);
  const totalMs = parts.reduce((sum, part) => sum + part.runs * part.meanMs, 0);
  return { action, runs, meanMs: runs === 0 ? 0 : totalMs / runs };
}

/** What failed last time, and ran now without failing. */
function fixedOf<Args>({ options, earlier }: Run<Args>): readonly string[] {
  return (options.remembered ?? [])
    .map((path) => branchOf(path, options.actions).name)
    .filter((name) => {
      const result = earlier.results.get(name);
      return result !== undefined && result.failure === undefined;
    });
}

/** What the parts of a shared search are put together by. */
function partOf<Args>({ options, shared = [] }: Run<Args>): Pick<Summary, "shard"> {
  if (options.shard === undefined) return {};
  const isSplit = shared.some(({ shard }) => shard === undefined || shard === "leave");
  const run = shared.filter(({ shard }) => shard !== "leave");
  const transitions = run.map(({ from, action = -1, shard }) => ({
    from: from.fingerprint,
    action,
    to: next(from, action)?.fingerprint,
    common: shard !== undefined,
  }));
  return { shard: { ...options.shard, isSplit, transitions } };
}
