import { performance } from "node:perf_hooks";
import type { Changes } from "./changes.ts";
import type { Claim } from "./claim.ts";
import { stillWriting } from "./failures.ts";
import {
  addNode,
  keysBetween,
  keysKnownAt,
  lastVersion,
  type Node,
  prune,
  type Version,
  versionAt,
} from "./history.ts";
import { type Key, showKey } from "./keys.ts";
import { capture, type Captured, listKeys, timeOf } from "./keyspace.ts";
import { CAPTURE, runScript, type Scripting } from "./scripts.ts";

/** A database that we may write to, and what tells who else has. */
export interface LiveKeys {
  readonly scripting: Scripting;
  readonly changes: Changes;
  readonly claim: Claim;
  /** How long writes are waited for. */
  readonly quiescenceMs: number;
}

/** Where the current state stands in a tree of checkpoints. */
export interface Standing {
  readonly live: LiveKeys;
  /** The checkpoint that the state was last at. */
  node: Node;
  /** The history's clock is behind the server's by this much: it goes back with each rollback. */
  behindMs: number;
}

/** A key that may have changed, and what it was before. */
export interface Pair {
  readonly key: Key;
  readonly before: Version | undefined;
}

/** Expiry is told in whole milliseconds, so two readings of one time may differ by this much. */
const SAME_TIME_MS = 2;

/** Starts a history at the current state. */
export async function startHistory(live: LiveKeys): Promise<Standing> {
  const nothing = addNode(undefined, { delta: new Map(), at: 0 });
  const standing: Standing = { live, node: nothing, behindMs: 0 };
  await save(standing);
  return standing;
}

/** Makes a checkpoint of the current state. */
export async function save(standing: Standing): Promise<Node> {
  const { live, behindMs } = standing;
  const captured = await untilQuiet(live, async () =>
    capture(live.scripting, [...(await candidates(standing))]),
  );
  standing.node = addNode(standing.node, {
    delta: deltaOf(standing, captured),
    at: captured.at - behindMs,
  });
  live.changes.forget();
  return standing.node;
}

/** Gives a checkpoint up. */
export function release(standing: Standing, node: Node): void {
  node.released = true;
  prune(node, standing.node);
}

/** Keys that may differ from a checkpoint, with what they held there. */
export async function changedSince(standing: Standing, since: Node): Promise<readonly Pair[]> {
  const { live, node, behindMs } = standing;
  await live.changes.settle();
  const keys = await candidates(standing);
  for (const key of keysBetween(node, since)) keys.add(key);
  // Keys that have run out, and that the server has not yet removed.
  if (node.expiring.size > 0) {
    const now = timeOf(await runScript(live.scripting, CAPTURE, { keys: [] })) - behindMs;
    for (const key of node.expiring) {
      const expiresAt = lastVersion(node, key)?.expiresAt;
      if (expiresAt !== undefined && expiresAt <= now) keys.add(key);
    }
  }
  return [...keys].map((key) => ({ key, before: versionAt(since, key) }));
}

/** Keys that may differ from the checkpoint that the state was last at. */
export async function candidates({ live, node }: Standing): Promise<Set<Key>> {
  const { changes, scripting } = live;
  const keys = new Set(changes.keys());
  // Groups, acknowledgements and XSETID change a stream without a message.
  for (const key of node.streams) keys.add(key);
  if (!changes.everything()) return keys;
  for (const key of await listKeys(scripting)) keys.add(key);
  for (const key of keysKnownAt(node)) keys.add(key);
  return keys;
}

/** Repeats until nobody has written meanwhile. */
async function untilQuiet<T>(
  { changes, scripting, quiescenceMs }: LiveKeys,
  run: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + quiescenceMs;
  for (;;) {
    const before = changes.serial();
    const [result] = await Promise.all([run(), changes.settle()]);
    // The first answer may have overtaken a message about a write of the same moment.
    await changes.settle();
    if (changes.serial() === before) return result;
    if (performance.now() >= deadline) {
      const keys = changes.keys().map(showKey);
      throw stillWriting(scripting.system, "checkpoint", { keys, quiescenceMs });
    }
  }
}

function deltaOf(
  { node, behindMs }: Standing,
  { at, versions }: Captured,
): Map<Key, Version | undefined> {
  const delta = new Map<Key, Version | undefined>();
  for (const [key, found] of versions) {
    const version = found && {
      payload: found.payload,
      expiresAt: found.leftMs === undefined ? undefined : at - behindMs + found.leftMs,
    };
    if (!isSame(lastVersion(node, key), version)) delta.set(key, version);
  }
  return delta;
}

function isSame(a: Version | undefined, b: Version | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ((a.expiresAt === undefined) !== (b.expiresAt === undefined)) return false;
  const apartMs = Math.abs((a.expiresAt ?? 0) - (b.expiresAt ?? 0));
  return apartMs <= SAME_TIME_MS && a.payload.equals(b.payload);
}
