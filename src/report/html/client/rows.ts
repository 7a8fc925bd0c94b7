import type { TracedChange, TracedDiff, TracedStep } from "../../../trace/trace.ts";
import type { TracedValue } from "../../../trace/value-codec.ts";

/** How a state's data differs from the initial state's, as far as the steps on the way tell. */
export interface NetChanges {
  readonly diffs: readonly TracedDiff[];
  /** Tables whose rows have names of one step only, so that they cannot be followed. */
  readonly unclear: readonly string[];
  /** A step's changes are not all recorded. */
  readonly gaps: boolean;
}

/** Adds up what steps changed, row by row. */
export function addUp(steps: readonly (TracedStep | undefined)[]): NetChanges {
  const tables = new Map<string, TracedDiff[]>();
  for (const diff of steps.flatMap((step) => step?.changes ?? [])) {
    const name = `${diff.system}.${diff.collection}`;
    tables.set(name, [...(tables.get(name) ?? []), diff]);
  }
  const all = [...tables];
  return {
    diffs: all.flatMap(([, diffs]) => (isClear(diffs) ? netOf(diffs) : [])),
    unclear: all.flatMap(([name, diffs]) => (isClear(diffs) ? [] : [name])),
    gaps:
      steps.some((step) => step?.changes === undefined) ||
      all.some(([, diffs]) => diffs.some(({ omitted = 0 }) => omitted > 0)),
  };
}

/** By table: rows more or fewer than in the initial state, and how many have other values. */
export interface RowCount {
  readonly collection: string;
  readonly rows: number;
  readonly changed: number;
}

/** Counts what steps changed, for a line in a state's box. */
export function countRows(steps: readonly (TracedStep | undefined)[]): readonly RowCount[] {
  const counts = new Map<string, { rows: number; changed: number }>();
  for (const { system, collection, changes } of steps.flatMap((step) => step?.changes ?? [])) {
    const key = JSON.stringify([system, collection]);
    const count = counts.get(key) ?? { rows: 0, changed: 0 };
    counts.set(key, count);
    for (const { before, after } of changes) {
      if (before === undefined) count.rows += 1;
      else if (after === undefined) count.rows -= 1;
      else count.changed += 1;
    }
  }
  return [...counts]
    .map(([key, count]) => ({ collection: (JSON.parse(key) as string[])[1] ?? "", ...count }))
    .filter(({ rows, changed }) => rows !== 0 || changed !== 0);
}

/** Names such as `<id 1>` are given anew in each step. */
const NAMED = /<(?:id \d+|time)[^<>]*>/;

function isClear(diffs: readonly TracedDiff[]): boolean {
  const [first] = diffs;
  return diffs.every(
    (diff) =>
      diff.key.length > 0 &&
      JSON.stringify([diff.columns, diff.key]) === JSON.stringify([first?.columns, first?.key]) &&
      diff.changes.every((change) => !NAMED.test(keyOf(diff, change))),
  );
}

function keyOf({ key }: TracedDiff, { before, after }: TracedChange): string {
  const row: readonly TracedValue[] = before ?? after ?? [];
  return JSON.stringify(key.map((index) => row[index] ?? null));
}

function netOf(diffs: readonly TracedDiff[]): readonly TracedDiff[] {
  const [first] = diffs;
  if (first === undefined) return [];
  const rows = new Map<string, TracedChange>();
  for (const diff of diffs) {
    for (const change of diff.changes) {
      const key = keyOf(diff, change);
      rows.set(key, joined(rows.get(key) ?? (change.before && { before: change.before }), change));
    }
  }
  const changes = [...rows.values()].filter(
    ({ before, after }) => JSON.stringify(before) !== JSON.stringify(after),
  );
  const { system, collection, columns, key } = first;
  return changes.length === 0 ? [] : [{ system, collection, columns, key, changes }];
}

/** The row as it was at first and as it is now. */
function joined(known: TracedChange | undefined, { after }: TracedChange): TracedChange {
  return { ...(known?.before && { before: known.before }), ...(after && { after }) };
}
