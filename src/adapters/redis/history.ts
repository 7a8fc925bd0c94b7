import type { Key } from "./keys.ts";

/** A key's content in a history, where time goes back too. */
export interface Version {
  readonly payload: Buffer;
  /** When it expires, on the history's own clock; absent for a key that stays. */
  readonly expiresAt: number | undefined;
  /** The fields of a hash that run out, when on the same clock; absent when there are none. */
  readonly fields?: readonly ExpiringField[];
}

/** A field of a hash with a time to live of its own. */
export interface ExpiringField {
  readonly name: Buffer;
  readonly value: Buffer;
  readonly expiresAt: number;
}

/** A checkpoint in the tree of checkpoints. */
export interface Node {
  /** Absent for the first, which knows nothing. */
  parent: Node | undefined;
  readonly children: Set<Node>;
  /** Given up by the user; kept as long as the way to its children leads through it. */
  released: boolean;
  /** What differs from the parent; `undefined` stands for a key that is missing. */
  readonly delta: Map<Key, Version | undefined>;
  /** The keys that expire. */
  readonly expiring: ReadonlySet<Key>;
  /** None of them expires before. */
  readonly soonest: number;
  /** Keys that are looked at anyway, since the server does not tell all that changes in them. */
  readonly watched: ReadonlySet<Key>;
  /** When it was made, on the history's own clock in milliseconds. */
  readonly at: number;
}

/** Adds a checkpoint under another. */
export function addNode(parent: Node | undefined, { delta, at }: Pick<Node, "delta" | "at">): Node {
  const expiring = membersAfter(
    parent?.expiring,
    delta,
    (version) => version.expiresAt !== undefined,
  );
  const watched = membersAfter(parent?.watched, delta, ({ payload }) => isWatched(payload));
  const known = parent?.soonest ?? Infinity;
  const children = new Set<Node>();
  const node = { parent, children, released: false, delta, expiring, watched, at, soonest: known };
  // What was the soonest is over or gone: it is looked for among all.
  node.soonest =
    known <= at
      ? soonestOf(node, expiring)
      : Math.min(known, soonestOf(node, delta.size < expiring.size ? delta.keys() : expiring));
  parent?.children.add(node);
  return node;
}

function soonestOf(node: Node, keys: Iterable<Key>): number {
  let soonest = Infinity;
  for (const key of keys) {
    const expiresAt = lastVersion(node, key)?.expiresAt ?? Infinity;
    // One that was over at the checkpoint is no part of it.
    if (expiresAt > node.at) soonest = Math.min(soonest, expiresAt);
  }
  return soonest;
}

/** A set of keys, brought up to date with what has changed; the same set when it stays the same. */
function membersAfter(
  before: ReadonlySet<Key> = new Set(),
  delta: Node["delta"],
  isMember: (version: Version) => boolean,
): ReadonlySet<Key> {
  const wrong = [...delta].filter(
    ([key, version]) => (version !== undefined && isMember(version)) !== before.has(key),
  );
  if (wrong.length === 0) return before;
  const after = new Set(before);
  for (const [key] of wrong) if (!after.delete(key)) after.add(key);
  return after;
}

/**
 * Streams in each of their encodings, by the first byte of a payload.
 *
 * @see https://github.com/redis/redis/blob/7.2/src/rdb.h
 */
const STREAMS = new Set([15, 19, 21]);

/** The last encoding without fields that run out. What comes after it may be anything, streams too. */
const LAST_PLAIN = 21;

/** Whether a key is looked at anyway, by its payload. */
export function isWatched(payload: Buffer): boolean {
  const encoding = payload[0] ?? 0;
  return STREAMS.has(encoding) || encoding > LAST_PLAIN;
}

/** A key as it was at a checkpoint; nothing once its time was over by then. */
export function versionAt(node: Node, key: Key): Version | undefined {
  const version = lastVersion(node, key);
  const isOver = version?.expiresAt !== undefined && version.expiresAt <= node.at;
  return isOver ? undefined : version;
}

/** As it was last read at a checkpoint or above, its time over or not. */
export function lastVersion(node: Node, key: Key): Version | undefined {
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (at.delta.has(key)) return at.delta.get(key);
  }
  return undefined;
}

/** The keys that may differ between two checkpoints. */
export function keysBetween(from: Node, to: Node): Set<Key> {
  const line = new Set<Node>();
  for (let node: Node | undefined = from; node !== undefined; node = node.parent) line.add(node);
  const keys = new Set<Key>();
  let meeting: Node | undefined = to;
  while (meeting !== undefined && !line.has(meeting)) {
    addAll(keys, meeting.delta.keys());
    meeting = meeting.parent;
  }
  for (let node: Node | undefined = from; node !== undefined && node !== meeting;) {
    addAll(keys, node.delta.keys());
    node = node.parent;
  }
  return keys;
}

/** Every key that a checkpoint or one above it knows. */
export function keysKnownAt(node: Node): Set<Key> {
  const keys = new Set<Key>();
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    addAll(keys, at.delta.keys());
  }
  return keys;
}

/**
 * Takes released checkpoints out of the tree, from `node` upwards, where no way leads through them.
 *
 * @param standing - Where the current state stands; it stays.
 */
export function prune(node: Node, standing: Node): void {
  const { parent, children } = node;
  if (parent === undefined || !node.released || node === standing || children.size > 1) return;
  const [child] = children;
  parent.children.delete(node);
  if (child === undefined) return prune(parent, standing);
  for (const [key, version] of node.delta) {
    if (!child.delta.has(key)) child.delta.set(key, version);
  }
  child.parent = parent;
  parent.children.add(child);
}

function addAll<T>(to: Set<T>, items: Iterable<T>): void {
  for (const item of items) to.add(item);
}
