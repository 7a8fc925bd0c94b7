import {
  actionNumber,
  encodePath,
  inputKey,
  type Path,
  withoutInputs,
} from "../../trace/path-codec.ts";
import {
  TRACE_VERSION,
  type Trace,
  type TracedBranch,
  type TracedFailure,
} from "../../trace/trace.ts";
import type { TracedSummary, TracedTransition } from "../../trace/trace.ts";
import { next, pathTo, type State } from "../graph.ts";
import type { TraceHead } from "../options.ts";
import { type BranchFinished, type Failed, replayPath, type Summary } from "../records.ts";
import type { Run, Taken } from "../search.ts";

/** Puts the trace of an exploration together when it is over. */
export function traceOf<Args>(run: Run<Args>, summary: Summary, head: TraceHead): Trace {
  const { options, search, recorder } = run;
  const states = [...search.graph.states()];
  const indexes = new Map(states.map((state, index) => [state, index]));
  return {
    version: TRACE_VERSION,
    ...head,
    actions: options.actions.map(({ name }) => name),
    invariants: options.invariants.map(({ name, expectation }) => ({ name, expectation })),
    states: states.map((state) => ({
      fingerprint: state.fingerprint,
      depth: state.depth,
      path: plainPath(pathTo(state)),
    })),
    transitions: search.taken.flatMap((taken) => transitionOf(taken, indexes)),
    branches: inOrder(search.taken, recorder.branches).map(branchOf),
    witnesses: [...summary.witnesses].map(([invariant, { path }]) => ({
      invariant,
      path: plainPath(path),
    })),
    summary: summaryOf(summary),
  };
}

/** Branches in the order of the search, whatever was run before it; then those it did not meet. */
function inOrder(
  taken: readonly Taken[],
  branches: readonly BranchFinished[],
): readonly BranchFinished[] {
  const byName = new Map(branches.map((record) => [record.branch.name, record]));
  const ordered = taken.flatMap(({ plan: { branch } }) => {
    const record = byName.get(branch.name);
    byName.delete(branch.name);
    return record === undefined ? [] : [record];
  });
  return [...ordered, ...byName.values()];
}

/** What looked at the initial state alone is no transition. */
function transitionOf(
  { plan, result }: Taken,
  indexes: ReadonlyMap<State, number>,
): readonly TracedTransition[] {
  const { from, action, branch } = plan;
  if (action === undefined) return [];
  const { step, attempts } = result;
  const to = indexes.get(next(from, action) ?? from);
  return [
    {
      from: indexes.get(from) ?? 0,
      action: actionNumber(action),
      ...(next(from, action) !== undefined && to !== undefined && { to }),
      path: plainPath(branch.path),
      durationMs: attempts.at(-1)?.durationMs ?? 0,
      ...(step && { step }),
    },
  ];
}

function branchOf({ branch, status, durationMs, failure }: BranchFinished): TracedBranch {
  const { name, path } = branch;
  const traced = { name, path: plainPath(path), status, durationMs };
  if (failure === undefined) return traced;
  const { kind, error, message, invariant, failedAt, shrunk, sameAs, steps = [] } = failure;
  return {
    ...traced,
    failure: {
      kind,
      message: message ?? (error instanceof Error ? error.message : String(error)),
      ...(invariant !== undefined && { invariant }),
      ...(failedAt !== undefined && { failedAt }),
      ...(shrunk && { shrunk: plainPath(shrunk.path) }),
      ...replayOf({ branch, failure }),
      ...(sameAs !== undefined && { sameAs }),
      // Those of the first are enough: there may be thousands that are alike.
      steps: sameAs === undefined ? steps : steps.slice(-1),
    },
  };
}

/** Readers of the trace find inputs in its steps. */
function plainPath(path: Path): string {
  return encodePath(withoutInputs(path));
}

function replayOf(failed: Failed): Pick<TracedFailure, "replay"> {
  const path = replayPath(failed);
  const namesInputs = path.some((step) => inputKey(step) !== undefined);
  return namesInputs ? { replay: encodePath(path) } : {};
}

function summaryOf(summary: Summary): TracedSummary {
  const { outcome, complete, endedBy, unexplored } = summary;
  const { neverEnabled, unwitnessed } = summary;
  return {
    outcome,
    complete,
    ...(endedBy !== undefined && { endedBy }),
    unexplored,
    neverEnabled,
    unwitnessed,
  };
}
