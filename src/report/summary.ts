import { plural } from "./plural.ts";
import type { Branch, FailureGroup, Summary } from "../explore/records.ts";

/** What is printed of an exploration when it is over. */
export interface SummaryText {
  readonly printed: string;
  readonly warnings: readonly string[];
}

/** @param depth - The depth that was asked for. */
export function summaryText(summary: Summary, depth: number): SummaryText {
  const lines = [
    summaryLine(summary, depth),
    ...failureLines(summary.failures),
    ...detailLines(summary),
    ...memoryLines(summary),
  ];
  return { printed: lines.join("\n"), warnings: warningsOf(summary) };
}

/**
 * An exploration's result in one line: `5 states, 7 transitions, all branches to depth 5 explored`.
 *
 * @param depth - The depth that was asked for.
 */
export function summaryLine(summary: Summary, depth: number): string {
  const { states, transitions, unexplored } = summary;
  const counts = `${shardText(summary)}${plural(states, "state")}, ${plural(transitions, "transition")}`;
  if (summary.complete && summary.shard?.isSplit === true) {
    return `${counts}, all of its part to depth ${depth} explored`;
  }
  if (summary.complete) return `${counts}, all branches to depth ${depth} explored`;
  const rest = plural(unexplored, "known branch", "known branches");
  switch (summary.endedBy) {
    case "paths":
      return `${counts}, only the branches asked for were run`;
    case "initialState":
      return `${counts}, nothing was explored since the initial state fails`;
    case "aborted":
    case undefined:
      return `${counts}, stopped with ${rest} not run${provenText(summary)}`;
    default:
      return `${counts}, ended by ${summary.endedBy} with ${rest} not run${provenText(summary)}`;
  }
}

function shardText({ shard }: Summary): string {
  return shard === undefined ? "" : `shard ${shard.index}/${shard.count}: `;
}

/** What a search that ended early has shown all the same. */
function provenText({ completeTo }: Summary): string {
  return completeTo === 0 ? "" : `; all branches of up to ${plural(completeTo, "step")} were run`;
}

/** The witnesses of `sometimes` rules and the slowest actions, a line each. */
export function detailLines({ witnesses, timings }: Summary): readonly string[] {
  const slowest = timings
    .filter(({ runs }) => runs > 0)
    .toSorted((a, b) => b.meanMs - a.meanMs)
    .slice(0, MOST_SLOWEST)
    .map(({ action, meanMs }) => `${action} ${meanMs.toFixed(meanMs < 10 ? 1 : 0)}ms`);
  return [
    ...[...witnesses].map(([name, branch]) => `"${name}" holds after ${branch.name}`),
    ...(slowest.length > 1 ? [`Slowest actions: ${slowest.join(", ")} on average`] : []),
  ];
}

const MOST_SLOWEST = 3;

/** What the spec's author should look at although nothing failed, one sentence each. */
export function warningsOf(summary: Summary): readonly string[] {
  const { neverEnabled, unwitnessed, complete, endedBy, shard } = summary;
  // What this shard has not met, another may have: it is known when their reports are merged.
  if (shard?.isSplit === true) return [];
  // Of a search that was never meant to look everywhere there is nothing to warn.
  if (endedBy === "paths" || endedBy === "initialState") return [];
  const warnings = neverEnabled.map(
    (name) =>
      `Action "${name}" was enabled in none of the ${plural(summary.states, "state")} reached.`,
  );
  if (complete) return warnings;
  return [
    ...warnings,
    ...unwitnessed.map(
      (name) => `"${name}" never held, but not everything was explored: this is not known.`,
    ),
  ];
}

/** The failure text of `sometimes` rules that no state satisfied; `undefined` when there is none. */
export function unwitnessedText(summary: Summary): string | undefined {
  const { unwitnessed, complete, states, shard } = summary;
  if (!complete || unwitnessed.length === 0) return undefined;
  // Of what all shards have run the first tells; of the rest only their reports together.
  if (shard !== undefined && (shard.isSplit || shard.index > 1)) return undefined;
  const names = unwitnessed.map((name) => `"${name}"`).join(", ");
  return (
    `${names} held in none of the ${plural(states, "state")} reached.\n` +
    "Everything within the depth was explored, so the rule can not come true here: " +
    "raise `depth`, or look for the action that should lead there."
  );
}

/** What became of the failures of the last run, a line each; said once, since it is then forgotten. */
export function memoryLines({ fixed, gone }: Summary): readonly string[] {
  return [
    ...fixed.map((name) => `Fixed since the last run: ${name}`),
    ...gone.map((name) => `Failed in the last run and cannot be run any more: ${name}`),
  ];
}

/** Failures that are alike, a line each: how often, the rule, the shortest branch. */
export function failureLines(groups: readonly FailureGroup[]): readonly string[] {
  return groups.map(({ failure, branches }) => {
    const shortest = branches.toSorted(byLength)[0]?.name ?? "";
    const { error, message } = failure;
    const what = message ?? (error instanceof Error ? error.message : String(error));
    return `${plural(branches.length, "branch", "branches")}: ${what.split("\n")[0] ?? ""} (${shortest})`;
  });
}

function byLength(a: Branch, b: Branch): number {
  return a.path.length - b.path.length;
}
