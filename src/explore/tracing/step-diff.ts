import type { CollectionDiff, Column, Diff, Row, RowChange } from "../../adapters/adapter.ts";
import { literal } from "../identity/encoding.ts";

/**
 * The difference between two states, from the net differences of both from the same root.
 *
 * Nothing has to be read for it: the net differences are known, since they name the states. Rows are
 * paired as the same row by what they held at the root, else by their key columns.
 *
 * @returns As an adapter's `diff` would tell it, up to the order of the rows.
 */
export function stepDiff(before: Diff, after: Diff): Diff {
  const names = [...new Set([...before, ...after].map(({ collection }) => collection))];
  return names.toSorted().flatMap((name): Diff => {
    const was = before.find(({ collection }) => collection === name);
    const is = after.find(({ collection }) => collection === name);
    const columns = columnsOf(was, is);
    const changes = stepChanges(rowsOf(was, columns), rowsOf(is, columns), columns);
    return changes.length === 0 ? [] : [{ collection: name, columns, changes }];
  });
}

/** The columns that tell the rows of a collection apart: identities, else the first. */
export function keyColumns(columns: readonly Column[]): readonly number[] {
  const identities = columns.flatMap(({ role }, index) => (role === "identity" ? [index] : []));
  return identities.length === 0 && columns.length > 0 ? [0] : identities;
}

/** A row that differs from the root in one of the states: what it held there and holds now. */
interface Differing {
  readonly root: Row | undefined;
  readonly now: Row | undefined;
}

/** A schema may have changed: columns that one of both does not have are empty there. */
function columnsOf(
  was: CollectionDiff | undefined,
  is: CollectionDiff | undefined,
): readonly Column[] {
  const columns = [...(is?.columns ?? was?.columns ?? [])];
  for (const column of was?.columns ?? []) {
    if (!columns.some(({ name }) => name === column.name)) columns.push(column);
  }
  return columns;
}

function rowsOf(
  diff: CollectionDiff | undefined,
  columns: readonly Column[],
): readonly Differing[] {
  if (diff === undefined) return [];
  const same = diff.columns.length === columns.length && diff.columns.every(isAt(columns));
  const places = columns.map(({ name }) => diff.columns.findIndex((own) => own.name === name));
  const fit = (row: Row | undefined): Row | undefined =>
    same || row === undefined ? row : places.map((place) => row[place] ?? null);
  return diff.changes.map(({ before, after }) => ({ root: fit(before), now: fit(after) }));
}

function isAt(columns: readonly Column[]): (column: Column, index: number) => boolean {
  return ({ name }, index) => columns[index]?.name === name;
}

function stepChanges(
  before: readonly Differing[],
  after: readonly Differing[],
  columns: readonly Column[],
): readonly RowChange[] {
  const waiting = new Map<string, Differing[]>();
  for (const row of before) addTo(waiting, placeOf(row, columns), row);
  const changes: RowChange[] = [];
  const unpaired: Differing[] = [];
  for (const row of after) {
    const was = takeNearest(waiting.get(placeOf(row, columns)), row);
    if (was === undefined) unpaired.push(row);
    else changes.push(...change(was.now, row.now));
  }
  // Rows that differ from the root in only one of the states are as at the root in the other.
  const gone = [...waiting.values()].flat();
  for (const { root, now } of gone) changes.push(...change(now, root));
  for (const { root, now } of unpaired) changes.push(...change(root, now));
  return changes;
}

/** Where rows are looked for that may be the same: by their content at the root, else by key. */
function placeOf({ root, now = [] }: Differing, columns: readonly Column[]): string {
  if (root !== undefined) return `=${literal(root)}`;
  return `+${literal(keyColumns(columns).map((index) => now[index] ?? null))}`;
}

/** Of several rows the one that has most values in common. */
function takeNearest(rows: Differing[] | undefined, row: Differing): Differing | undefined {
  if (rows === undefined || rows.length === 0) return undefined;
  let best = 0;
  if (rows.length > 1) {
    const common = rows.map(({ now = [] }) => commonValues(now, row.now ?? []));
    best = common.indexOf(Math.max(...common));
  }
  return rows.splice(best, 1)[0];
}

function commonValues(a: Row, b: Row): number {
  return a.filter((value, index) => literal(value) === literal(b[index] ?? null)).length;
}

function change(before: Row | undefined, after: Row | undefined): readonly RowChange[] {
  if (before === undefined && after === undefined) return [];
  if (before !== undefined && after !== undefined && literal(before) === literal(after)) return [];
  return [{ ...(before && { before }), ...(after && { after }) }];
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [value]);
  else found.push(value);
}
