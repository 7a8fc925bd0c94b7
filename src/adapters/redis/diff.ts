import type { Column, Diff, RowChange, Value } from "../adapter.ts";
import type { Version } from "./history.ts";
import type { Pair } from "./standing.ts";
import { bytesOf, type Key } from "./keys.ts";
import { capture, decodeVersions, readContents, type Version as Captured } from "./keyspace.ts";
import type { Scripting } from "./scripts.ts";
import { type Content, encodeContent, textOf } from "./values.ts";

const COLUMNS: readonly Column[] = [
  { name: "key" },
  { name: "type" },
  { name: "value" },
  // Whether there is one; the time that is left differs from moment to moment.
  { name: "ttl" },
];

/** Payloads that were read as data before: a key's content at the root is asked for at every step. */
const decoded = new WeakMap<Buffer, Content>();

/** Above this many keys it is cheaper to compare payloads first. */
const COMPARE_FIRST = 100;

/** The net difference of keys that may have changed. */
export async function diffVersions(scripting: Scripting, pairs: readonly Pair[]): Promise<Diff> {
  const differing = pairs.length > COMPARE_FIRST ? await withoutEqual(scripting, pairs) : pairs;
  const keys = differing.map(({ key }) => key);
  const after = await readContents(scripting, keys);
  await decodeAll(scripting, differing);
  const before = new Map(
    differing.map((pair) => [pair.key, pair.before && contentOf(pair.before)]),
  );
  return diffContents(before, after);
}

/** The difference between contents of the same keys; a key without content was missing. */
export function diffContents(
  before: ReadonlyMap<Key, Content | undefined>,
  after: ReadonlyMap<Key, Content | undefined>,
): Diff {
  const changes = [...before.keys()].toSorted(byName).flatMap((key): readonly RowChange[] => {
    const [was, is] = [before.get(key), after.get(key)];
    if (was === undefined && is === undefined) return [];
    if (was !== undefined && is !== undefined && encodeContent(was) === encodeContent(is)) {
      return [];
    }
    return [{ ...(was && { before: rowOf(key, was) }), ...(is && { after: rowOf(key, is) }) }];
  });
  return changes.length === 0 ? [] : [{ collection: "keys", columns: COLUMNS, changes }];
}

function byName(a: Key, b: Key): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

async function withoutEqual(
  scripting: Scripting,
  pairs: readonly Pair[],
): Promise<readonly Pair[]> {
  const { versions } = await capture(
    scripting,
    pairs.map(({ key }) => key),
  );
  return pairs.filter(({ key, before }) => {
    const now = versions.get(key);
    if (now === undefined || before === undefined) return now !== before;
    const sameTtl = (now.leftMs === undefined) === (before.expiresAt === undefined);
    return !sameTtl || !now.payload.equals(before.payload);
  });
}

async function decodeAll(scripting: Scripting, pairs: readonly Pair[]): Promise<void> {
  const unknown = pairs.flatMap(({ before }) =>
    before === undefined || decoded.has(before.payload) ? [] : [before],
  );
  const contents = await decodeVersions(scripting, unknown.map(asCaptured));
  for (const [index, { payload }] of unknown.entries()) {
    const content = contents[index];
    if (content !== undefined) decoded.set(payload, content);
  }
}

/** Its fields may run out only after it was read. */
const LONG_MS = 3_600_000;

function asCaptured({ payload, fields = [] }: Version): Captured {
  return {
    payload,
    leftMs: undefined,
    fields: fields.map((field) => ({ ...field, leftMs: LONG_MS })),
  };
}

function contentOf({ payload, expiresAt }: Version): Content | undefined {
  const content = decoded.get(payload);
  return content && { ...content, hasTtl: expiresAt !== undefined };
}

function rowOf(key: Key, { type, value, hasTtl }: Content): readonly Value[] {
  return [textOf(bytesOf(key)), type, value, hasTtl];
}
