import { performance } from "node:perf_hooks";
import { assertNotTaken } from "./consumers.ts";
import { stillWriting } from "./failures.ts";
import { isWatched, keysBetween, keysKnownAt, type Node, prune, versionAt } from "./history.ts";
import { type Key, showKey } from "./keys.ts";
import { capture, decodeVersions, readContents, type Version } from "./keyspace.ts";
import type { Scripting } from "./scripts.ts";
import { candidates, isDoubtful, type LiveKeys, type Standing } from "./standing.ts";
import { encodeContent } from "./values.ts";
import { type Wanted, writeKeys } from "./write-keys.ts";

/**
 * Makes every key what it was at a checkpoint, with the time it had left.
 *
 * After a failure any key may be anything, which the next rollback takes into account.
 */
export async function restore(standing: Standing, to: Node): Promise<void> {
  try {
    await restoreKeys(standing, to);
  } catch (error) {
    standing.live.changes.doubt();
    throw error;
  }
}

async function restoreKeys(standing: Standing, to: Node): Promise<void> {
  const { changes, claim, scripting, quiescenceMs } = standing.live;
  const deadline = performance.now() + quiescenceMs;
  const put = new Map<Key, Version | undefined>();
  await changes.settle();
  let keys = await keysToRestore(standing, to);
  for (;;) {
    for (const key of changes.keys()) keys.add(key);
    changes.forget();
    const doubts = changes.doubts();
    const written = await write(standing, to, keys);
    // The app has emptied the database, or it is not ours any more.
    if (written === undefined) await claim.check();
    else {
      arrive(standing, to, written);
      await assertNotTaken(scripting, written.altered);
      for (const [key, version] of written.put) put.set(key, version);
    }
    if (written === undefined || (await isDoubtful(standing, doubts))) {
      keys = await keysToRestore(standing, to);
    } else {
      // Somebody has written since the keys were listed: what they wrote goes too.
      const told = changes.keys().filter((key) => !written.over.has(key));
      changes.forget(told);
      keys = await differingKeys(standing.live, told, (key) =>
        put.has(key) ? put.get(key) : wantedAt(to, key).version,
      );
      if (keys.size === 0) return;
    }
    if (performance.now() < deadline) continue;
    const shown = [...keys].map(showKey);
    throw stillWriting(scripting.system, "roll back", { keys: shown, quiescenceMs });
  }
}

/** Notes that the state is at a checkpoint now. */
function arrive(standing: Standing, to: Node, { at, put }: Written): void {
  const left = standing.node;
  standing.behindMs = at - to.at;
  standing.node = to;
  standing.times.written(put.keys(), to, at);
  if (left !== to) prune(left, to);
}

async function keysToRestore(standing: Standing, to: Node): Promise<Set<Key>> {
  const { live, node } = standing;
  const { changes } = live;
  const keys = await candidates(standing);
  for (const key of keysBetween(node, to)) keys.add(key);
  if (changes.everything()) for (const key of keysKnownAt(to)) keys.add(key);
  const told = new Set(changes.keys());
  const untold = [...node.watched].filter((key) => !told.has(key));
  if (untold.length === 0) return keys;
  // Most are as they shall be, and writing a stream may wake who waits for it.
  const differing = await differingKeys(live, untold, (key) => wantedAt(to, key).version);
  for (const key of untold) if (!differing.has(key)) keys.delete(key);
  return keys;
}

/** The keys that are something else than they shall be, times left out. */
async function differingKeys(
  { scripting }: LiveKeys,
  keys: readonly Key[],
  wanted: (key: Key) => Version | undefined,
): Promise<Set<Key>> {
  if (keys.length === 0) return new Set();
  const { versions } = await capture(scripting, keys);
  return new Set(keys.filter((key) => !isEqual(versions.get(key), wanted(key))));
}

interface Written {
  /** The server's clock before, in milliseconds. */
  readonly at: number;
  /** What was written, as it was just after. */
  readonly put: ReadonlyMap<Key, Version | undefined>;
  /** Keys that are something else already, as they were put. */
  readonly altered: ReadonlyMap<Key, Version | undefined>;
  /** Keys that were put back with so little time left that they are gone already. */
  readonly over: ReadonlySet<Key>;
}

/**
 * Writes keys, and takes these writes out of what is known to have changed.
 *
 * @returns `undefined` when the database does not bear our marker.
 */
async function write(
  { live, times }: Standing,
  to: Node,
  keys: ReadonlySet<Key>,
): Promise<Written | undefined> {
  const { scripting, claim } = live;
  const wanted = [...keys].map((key) => wantedAt(to, key));
  for (const key of times.due(to)) {
    if (!keys.has(key)) wanted.push({ ...wantedAt(to, key), timeOnly: true });
  }
  const applied = await writeKeys(scripting, claim.marker, wanted);
  if (applied === undefined) return undefined;
  const { at, changed, missing } = applied;
  const again = missing.map((key) => wantedAt(to, key));
  const more = again.length === 0 ? [] : (await writeKeys(scripting, claim.marker, again))?.changed;
  return verify(live, at, new Map([...changed, ...(more ?? [])]));
}

/** What others wrote in the very same moment is told together with our own writes, so it is looked at. */
async function verify(
  { scripting, changes }: LiveKeys,
  at: number,
  put: Written["put"],
): Promise<Written> {
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
  for (const key of await onlyVisited(scripting, altered)) altered.delete(key);
  changes.discount([...put.keys()].filter((key) => !altered.has(key) && !over.has(key)));
  return { at, put, altered, over };
}

/**
 * Streams that hold what was put there but for times of visits: since Redis 7.2 a consumer that waits
 * looks again when its stream is written, finds nothing new, and leaves the time.
 */
async function onlyVisited(
  scripting: Scripting,
  altered: Written["altered"],
): Promise<readonly Key[]> {
  const streams = [...altered].flatMap(([key, version]) =>
    version !== undefined && isWatched(version.payload) ? [{ key, version }] : [],
  );
  if (streams.length === 0) return [];
  const keys = streams.map(({ key }) => key);
  const put = await decodeVersions(
    scripting,
    streams.map(({ version }) => version),
  );
  const found = await readContents(scripting, keys);
  return keys.filter((key, index) => {
    const [was, is] = [put[index], found.get(key)];
    if (was?.type !== "stream" || is === undefined) return false;
    return encodeContent({ ...was, hasTtl: is.hasTtl }) === encodeContent(is);
  });
}

/** Whether a key holds the same and stays, or does not stay, as before. */
function isEqual(a: Version | undefined, b: Version | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  // The times of fields are dates in the payload, and go back with each rollback.
  if (b.fields !== undefined) return false;
  return (a.leftMs === undefined) === (b.leftMs === undefined) && a.payload.equals(b.payload);
}

function wantedAt(node: Node, key: Key): Wanted {
  const version = versionAt(node, key);
  if (version === undefined) return { key, version };
  const { payload, expiresAt, fields } = version;
  const leftMs = expiresAt === undefined ? undefined : expiresAt - node.at;
  if (fields === undefined) return { key, version: { payload, leftMs } };
  const left = fields
    .map(({ name, value, expiresAt: over }) => ({ name, value, leftMs: over - node.at }))
    .filter((field) => field.leftMs > 0);
  return { key, version: { payload, leftMs, fields: left } };
}
