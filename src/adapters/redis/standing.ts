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
import { capture, type Captured, listKeys, type Version as Found } from "./keyspace.ts";
import { createTimes, type Times } from "./times.ts";
import type { Scripting } from "./scripts.ts";

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
  readonly times: Times;
  /** As `claim.emptied` last told. */
  emptied: number;
}

/** A key that may have changed, and what it was before. */
export interface Pair {
  readonly key: Key;
  readonly before: Version | undefined;
}

/** Expiry is told in whole milliseconds, so two readings of one time may differ by this much. */
const SAME_TIME_MS = 2;

/** How far our guess of the server's clock may be off. */
const EARLY_MS = 1000;

/** Starts a history at the current state. */
export async function startHistory(live: LiveKeys): Promise<Standing> {
  const nothing = addNode(undefined, { delta: new Map(), at: 0 });
  const standing: Standing = { live, node: nothing, behindMs: 0, times: createTimes(), emptied: 0 };
  await save(standing);
  return standing;
}

/** Makes a checkpoint of the current state. */
export async function save(standing: Standing): Promise<Node> {
  const { live, behindMs, times } = standing;
  try {
    const captured = await captureAtRest(standing);
    const delta = deltaOf(standing, captured);
    standing.node = addNode(standing.node, { delta, at: captured.at - behindMs });
    times.saved(standing.node, behindMs, captured.at);
    return standing.node;
  } catch (error) {
    // What was told meanwhile is in no checkpoint.
    live.changes.doubt();
    throw error;
  }
}

/** Gives a checkpoint up. */
export function release(standing: Standing, node: Node): void {
  node.released = true;
  prune(node, standing.node);
}

/** Keys that may differ from a checkpoint, with what they held there. */
export async function changedSince(standing: Standing, since: Node): Promise<readonly Pair[]> {
  const { live, node } = standing;
  await live.changes.settle();
  const keys = await candidates(standing);
  for (const key of keysBetween(node, since)) keys.add(key);
  for (const key of await overKeys(standing, since)) keys.add(key);
  return [...keys].map((key) => ({ key, before: versionAt(since, key) }));
}

/** Keys that have run out, and that the server has not yet removed. */
async function overKeys(
  { live, node, behindMs, times }: Standing,
  since: Node,
): Promise<readonly Key[]> {
  if (node.expiring.size === 0) return [];
  const now = times.now() - behindMs;
  // The clock is only guessed, so a moment early.
  if (now < Math.min(node.soonest, since.soonest) - EARLY_MS) return [];
  const { at } = await capture(live.scripting, []);
  return [...node.expiring].filter((key) => {
    const expiresAt = lastVersion(node, key)?.expiresAt;
    return expiresAt !== undefined && expiresAt <= at - behindMs;
  });
}

/** Keys that may differ from the checkpoint that the state was last at. */
export async function candidates(standing: Standing): Promise<Set<Key>> {
  const { live, node } = standing;
  const { changes, scripting } = live;
  await takeFlush(standing);
  const keys = new Set(changes.keys());
  for (const key of node.watched) keys.add(key);
  if (!changes.everything()) return keys;
  for (const key of await listKeys(scripting)) keys.add(key);
  for (const key of keysKnownAt(node)) keys.add(key);
  return keys;
}

/** Whether it has become unknown what was changed, since `doubts` were counted. */
export async function isDoubtful(standing: Standing, doubts: number): Promise<boolean> {
  await takeFlush(standing);
  return standing.live.changes.doubts() !== doubts;
}

/** Finds out whether it is our database that was emptied: then the marker was gone. */
async function takeFlush(standing: Standing): Promise<void> {
  const { changes, claim } = standing.live;
  if (changes.takeFlush()) await claim.check();
  if (claim.emptied() === standing.emptied) return;
  standing.emptied = claim.emptied();
  changes.doubt();
}

/** Reads what may have changed, and what is written meanwhile, until nobody has written. */
async function captureAtRest(standing: Standing): Promise<Captured> {
  const { changes, scripting, quiescenceMs } = standing.live;
  const deadline = performance.now() + quiescenceMs;
  let writing: readonly Key[] = [];
  do {
    const keys = await candidates(standing);
    changes.forget();
    const doubts = changes.doubts();
    let found = await capture(scripting, [...keys]);
    for (;;) {
      // Asked after the answer, which may have overtaken messages about earlier writes.
      await changes.settle();
      writing = changes.keys();
      if (await isDoubtful(standing, doubts)) break;
      changes.forget(writing);
      if (writing.length === 0) return found;
      const next = await capture(scripting, writing);
      writing = alteredKeys(standing, found, next);
      // A name may have been told because of another database.
      if (writing.length === 0) return found;
      found = merged(found, next);
      if (performance.now() > deadline) break;
    }
  } while (performance.now() <= deadline);
  throw stillWriting(scripting.system, "checkpoint", {
    keys: writing.map(showKey),
    quiescenceMs,
  });
}

/** The keys that `next` holds in another version than was known. */
function alteredKeys(standing: Standing, found: Captured, next: Captured): readonly Key[] {
  const { node, behindMs } = standing;
  return [...next.versions].flatMap(([key, version]) => {
    const known = found.versions.has(key)
      ? inHistory(found.versions.get(key), found.at - behindMs)
      : lastVersion(node, key);
    return isSame(known, inHistory(version, next.at - behindMs)) ? [] : [key];
  });
}

/** Both, as at the time of `next`. */
function merged(found: Captured, next: Captured): Captured {
  const byMs = next.at - found.at;
  const versions = new Map(
    [...found.versions].map(([key, version]) => [key, version && later(version, byMs)] as const),
  );
  for (const [key, version] of next.versions) versions.set(key, version);
  return { at: next.at, versions };
}

function later(version: Found, byMs: number): Found {
  const { leftMs, fields } = version;
  if (leftMs === undefined && fields === undefined) return version;
  return {
    ...version,
    leftMs: leftMs === undefined ? undefined : leftMs - byMs,
    ...(fields && { fields: fields.map((field) => ({ ...field, leftMs: field.leftMs - byMs })) }),
  };
}

function deltaOf(
  { node, behindMs, times }: Standing,
  { at, versions }: Captured,
): Map<Key, Version | undefined> {
  const delta = new Map<Key, Version | undefined>();
  for (const [key, found] of versions) {
    const last = lastVersion(node, key);
    // Its time may have been left alone by the last rollbacks.
    if (isSame(last, inHistory(found, at - (times.behindOf(key) ?? behindMs)))) continue;
    const version = inHistory(found, at - behindMs);
    if (!isSame(last, version)) delta.set(key, version);
  }
  return delta;
}

/** @param at - When it was found, on the history's own clock. */
function inHistory(found: Found | undefined, at: number): Version | undefined {
  if (found === undefined) return undefined;
  const { payload, leftMs, fields } = found;
  return {
    payload,
    expiresAt: leftMs === undefined ? undefined : at + leftMs,
    ...(fields && {
      fields: fields.map(({ name, value, leftMs: left }) => ({
        name,
        value,
        expiresAt: at + left,
      })),
    }),
  };
}

function isSame(a: Version | undefined, b: Version | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ((a.expiresAt === undefined) !== (b.expiresAt === undefined)) return false;
  const apartMs = Math.abs((a.expiresAt ?? 0) - (b.expiresAt ?? 0));
  return apartMs <= SAME_TIME_MS && a.payload.equals(b.payload);
}
