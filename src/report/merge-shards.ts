import type { Branch, EndedBy, FailureGroup, Summary } from "../explore/records.ts";
import type { ReportedBranch, ReportedTiming, ShardReport } from "../trace/shard-report.ts";
import { plural } from "./plural.ts";
import { summaryText, unwitnessedText, type SummaryText } from "./summary.ts";

/** What is told of an exploration that shards have run. */
export interface WholeText extends SummaryText {
  readonly summary: Summary;
  /** Why the exploration fails, besides its branches. */
  readonly failure: string | undefined;
  /** What all shards should have run alike, they have not: there may be branches that none ran. */
  readonly differs: boolean;
}

/**
 * Puts together what the shards of an exploration tell.
 *
 * @param reports - One or more.
 * @param isTold - Whether a branch is among those that are told: of several that are one transition one
 * is.
 */
export function mergeShards(
  reports: readonly ShardReport[],
  isTold: (branch: string) => boolean,
): WholeText {
  const summary = sumUp(reports, isTold);
  const depth = reports[0]?.depth ?? 0;
  const { printed, warnings } = summaryText(summary, depth);
  const missing = missingText(reports);
  return {
    printed,
    warnings: [...warnings, ...missing],
    summary,
    failure: unwitnessedText(summary),
    differs: differ(reports),
  };
}

function sumUp(reports: readonly ShardReport[], isTold: (branch: string) => boolean): Summary {
  const transitions = reports.flatMap((report) =>
    report.transitions.map((each) => each.split(" ")),
  );
  const states = new Set(
    transitions.flatMap(([from, , to]) => (to === undefined ? [from] : [from, to])),
  );
  const failures = failuresOf(reports, isTold);
  const endedBy = reports.find((report) => report.endedBy !== undefined)?.endedBy as EndedBy;
  const complete = reports.every((report) => report.complete) && missingText(reports).length === 0;
  const open = reports.map(({ unexplored }) => unexplored);
  const isSplit = reports.some((report) => report.isSplit);
  return {
    outcome: failures.length > 0 ? "violation" : complete ? "exhausted" : "budget",
    complete,
    ...(endedBy !== undefined && { endedBy }),
    unexplored: isSplit ? open.reduce((sum, each) => sum + each, 0) : Math.max(...open),
    states: Math.max(states.size, 1),
    transitions: new Set(transitions.map(([from, action]) => `${from} ${action}`)).size,
    replayedSteps: 0,
    depth: 0,
    neverEnabled: inAll(reports, ({ neverEnabled }) => neverEnabled),
    witnesses: witnessesOf(reports),
    unwitnessed: inAll(reports, ({ unwitnessed }) => unwitnessed),
    completeTo: Math.min(...reports.map(({ completeTo }) => completeTo)),
    timings: timingsOf(reports),
    failures,
    fixed: [],
    gone: [],
  };
}

function missingText(reports: readonly ShardReport[]): readonly string[] {
  const count = reports[0]?.count ?? 0;
  const present = new Set(reports.map(({ index }) => index));
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter(
    (index) => !present.has(index),
  );
  if (missing.length === 0) return [];
  return [
    `Of ${plural(count, "shard")} there is no report of ${missing.join(", ")}: not everything was explored.`,
  ];
}

function inAll(
  reports: readonly ShardReport[],
  pick: (report: ShardReport) => readonly string[],
): readonly string[] {
  const [first, ...others] = reports.map(pick);
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)));
}

function witnessesOf(reports: readonly ShardReport[]): Summary["witnesses"] {
  const witnesses = new Map<string, Branch>();
  for (const { rule, branch } of reports.flatMap((report) => report.witnesses)) {
    const known = witnesses.get(rule);
    if (known === undefined || branch.length < known.path.length) {
      witnesses.set(rule, branchOf(branch));
    }
  }
  return witnesses;
}

/** What is told of a branch is its name, and where several are alike the shortest. */
function branchOf({ name, length }: ReportedBranch): Branch {
  return { name, path: Array.from({ length }, () => 0), steps: [] };
}

function timingsOf(reports: readonly ShardReport[]): readonly ReportedTiming[] {
  const all = reports.flatMap(({ timings }) => timings);
  const names = [...new Set(all.map(({ action }) => action))];
  return names.map((action) => {
    const own = all.filter((timing) => timing.action === action);
    const runs = own.reduce((sum, timing) => sum + timing.runs, 0);
    const totalMs = own.reduce((sum, timing) => sum + timing.runs * timing.meanMs, 0);
    return { action, runs, meanMs: runs === 0 ? 0 : totalMs / runs };
  });
}

function failuresOf(
  reports: readonly ShardReport[],
  isTold: (branch: string) => boolean,
): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { manner, message, branches } of reports.flatMap(({ failures }) => failures)) {
    const told = branches.filter(({ name }) => isTold(name)).map(branchOf);
    const known = groups.get(manner)?.branches ?? [];
    const failure = { kind: "violation" as const, error: undefined, message };
    if (told.length > 0) groups.set(manner, { manner, failure, branches: [...known, ...told] });
  }
  return [...groups.values()];
}

/** Whether what all shards have run alike looks different to some; one that ended early is not asked. */
function differ(reports: readonly ShardReport[]): boolean {
  const shapes = reports.filter(({ complete }) => complete).map(shapeOf);
  return new Set(shapes).size > 1;
}

/** The common part with states numbered, since their names may hold what no two machines share. */
function shapeOf({ transitions, common }: ShardReport): string {
  const numbers = new Map<string, number>();
  const number = (state: string): number => {
    const known = numbers.get(state) ?? numbers.size;
    numbers.set(state, known);
    return known;
  };
  return transitions
    .slice(0, common)
    .map((transition) => {
      const [from = "", action = "", to] = transition.split(" ");
      return `${number(from)} ${action} ${to === undefined ? "" : number(to)}`;
    })
    .join();
}
