import { hash } from "node:crypto";
import type { CollectionDiff, Column, Diff, Observation, RowChange, Value } from "../adapter.ts";
import type { MockRow, Tables } from "./tables.ts";

export function observeTables(tables: Tables, onText?: (text: string) => void): Observation {
  return Object.fromEntries(
    [...tables].map(([collection, rows]) => [
      collection,
      { size: rows.length, digest: hash("sha256", JSON.stringify(rows, telling(onText))) },
    ]),
  );
}

/** The net difference; rows that both points share are the same objects, so the rest is cheap. */
export function diffTables(before: Tables, after: Tables): Diff {
  const collections = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return collections.flatMap((collection) => {
    const diff = diffRows(collection, before.get(collection) ?? [], after.get(collection) ?? []);
    return diff === undefined ? [] : [diff];
  });
}

function diffRows(
  collection: string,
  before: readonly MockRow[],
  after: readonly MockRow[],
): CollectionDiff | undefined {
  if (before === after) return undefined;
  const [kept, current] = [new Set(after), new Set(before)];
  const removed = before.filter((row) => !kept.has(row));
  const added = after.filter((row) => !current.has(row));
  if (removed.length + added.length === 0) return undefined;
  const names = [...new Set([...removed, ...added].flatMap((row) => Object.keys(row)))];
  const columns = names.map((name): Column =>
    name === "id" ? { name, role: "identity" } : { name },
  );
  const cells = (row: MockRow): readonly Value[] => names.map((name) => row[name] ?? null);
  const changes = pair(removed, added).flatMap(([was, is]): readonly RowChange[] => {
    const change = { ...(was && { before: cells(was) }), ...(is && { after: cells(is) }) };
    return isEqual(change) ? [] : [change];
  });
  return changes.length === 0 ? undefined : { collection, columns, changes };
}

/** A removed and an added row with one `id` are the same row, changed. */
function pair(
  removed: readonly MockRow[],
  added: readonly MockRow[],
): readonly (readonly [MockRow | undefined, MockRow | undefined])[] {
  const rest = new Set(added);
  const byId = new Map(added.filter((row) => "id" in row).map((row) => [row["id"], row]));
  const pairs = removed.map((was): readonly [MockRow, MockRow | undefined] => {
    const is = byId.get(was["id"]);
    if (is === undefined || !rest.delete(is)) return [was, undefined];
    return [was, is];
  });
  return [...pairs, ...[...rest].map((is) => [undefined, is] as const)];
}

function isEqual({ before, after }: RowChange): boolean {
  return JSON.stringify(before, plain) === JSON.stringify(after, plain);
}

function telling(onText?: (text: string) => void): typeof plain {
  return (key, value) => {
    if (typeof value === "string") onText?.(value);
    return plain(key, value);
  };
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
