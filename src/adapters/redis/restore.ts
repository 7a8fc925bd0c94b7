import { performance } from "node:perf_hooks";
import { assertNotTaken } from "./consumers.ts";
import { stillWriting } from "./failures.ts";
import { keysBetween, keysKnownAt, type Node, prune, versionAt } from "./history.ts";
import { type Key, showKey } from "./keys.ts";
import { capture, type Version } from "./keyspace.ts";
import { candidates, type LiveKeys, type Standing } from "./standing.ts";
import { type Wanted, writeKeys } from "./write-keys.ts";

/** Makes every key what it was at a checkpoint, with the time it had left. */
export async function restore(standing: Standing, to: Node): Promise<void> {
  const { live } = standing;
  const { changes, claim, scripting, quiescenceMs } = live;
  const deadline = performance.now() + quiescenceMs;
  await changes.settle();
  let keys = await keysToRestore(standing, to);
  for (;;) {
    if (changes.markerLost()) await claim.renew();
    changes.forget();
    const { at, altered, over } = await write(live, to, keys);
    standing.behindMs = at - to.at;
    const left = standing.node;
    standing.node = to;
    if (left !== to) prune(left, to);
    await assertNotTaken(scripting, altered);
    // Somebody has written since the keys were listed: what they wrote goes too.
    keys = new Set(changes.keys().filter((key) => !over.has(key)));
    if (keys.size === 0) return;
    if (performance.now() < deadline) continue;
    const shown = [...keys].map(showKey);
    throw stillWriting(scripting.system, "roll back", { keys: shown, quiescenceMs });
  }
}

async function keysToRestore(standing: Standing, to: Node): Promise<ReadonlySet<Key>> {
  const { live, node } = standing;
  const { changes } = live;
  const keys = await candidates(standing);
  for (const key of keysBetween(node, to)) keys.add(key);
  if (changes.everything()) for (const key of keysKnownAt(to)) keys.add(key);
  const told = new Set(changes.keys());
  const untold = [...node.streams].filter((key) => !told.has(key));
  for (const key of await unchangedOf(live, to, untold)) keys.delete(key);
  return keys;
}

/** Streams that are as they shall be: most are, and writing one may wake who waits for it. */
async function unchangedOf(
  { scripting }: LiveKeys,
  to: Node,
  streams: readonly Key[],
): Promise<readonly Key[]> {
  if (streams.length === 0) return [];
  const { versions } = await capture(scripting, streams);
  return streams.filter((key) => {
    const [now, wanted] = [versions.get(key), versionAt(to, key)];
    if (now === undefined || wanted?.payload.equals(now.payload) !== true) return false;
    // The times of all that expire are set anyway.
    return (wanted.expiresAt === undefined) === (now.leftMs === undefined);
  });
}

interface Written {
  /** The server's clock before, in milliseconds. */
  readonly at: number;
  /** Keys that are something else already, as they were put. */
  readonly altered: ReadonlyMap<Key, Version | undefined>;
  /** Keys that were put back with so little time left that they are gone already. */
  readonly over: ReadonlySet<Key>;
}

/** Writes keys, and takes these writes out of what is known to have changed. */
async function write(
  { scripting, changes }: LiveKeys,
  to: Node,
  keys: ReadonlySet<Key>,
): Promise<Written> {
  const wanted = [...keys].map((key) => wantedAt(to, key));
  for (const key of to.expiring) {
    if (!keys.has(key)) wanted.push({ ...wantedAt(to, key), timeOnly: true });
  }
  const { at, changed, missing } = await writeKeys(scripting, wanted);
  const again = missing.map((key) => wantedAt(to, key));
  const more = again.length === 0 ? [] : (await writeKeys(scripting, again)).changed;
  const put = new Map([...changed, ...more]);
  // What others wrote in the very same moment is told together with our own writes, so it is looked at.
  const [now] = await Promise.all([capture(scripting, [...put.keys()]), changes.settle()]);
  const altered = new Map<Key, Version | undefined>();
  const over = new Set<Key>();
  for (const [key, version] of put) {
    const found = now.versions.get(key);
    if (isEqual(found, version)) continue;
    const isOver = found === undefined && now.at - at >= (version?.leftMs ?? Infinity) - 1;
    if (isOver) over.add(key);
    else altered.set(key, version);
  }
  changes.discount([...put.keys()].filter((key) => !altered.has(key) && !over.has(key)));
  return { at, altered, over };
}

/** Whether a key holds the same and stays, or does not stay, as before. */
function isEqual(a: Version | undefined, b: Version | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (a.leftMs === undefined) === (b.leftMs === undefined) && a.payload.equals(b.payload);
}

function wantedAt(node: Node, key: Key): Wanted {
  const { payload, expiresAt } = versionAt(node, key) ?? {};
  return { key, payload, leftMs: expiresAt === undefined ? undefined : expiresAt - node.at };
}
