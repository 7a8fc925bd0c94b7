import type { RedisArgument } from "./driver.ts";
import { type Key, MARKER, SCRATCH } from "./keys.ts";
import { putArguments, timeOf, type Version, wholeMs } from "./keyspace.ts";
import { KEYS_PER_CALL, runScript, type Scripting, SCRIPTS } from "./scripts.ts";

/** What a key shall be. */
export interface Wanted {
  readonly key: Key;
  /** Absent: it shall be missing. */
  readonly version: Version | undefined;
  /** It is known to hold the payload, so that only its time must be set. */
  readonly timeOnly?: boolean;
}

/** What writing has done. */
export interface Applied {
  /** The server's clock before, in milliseconds. */
  readonly at: number;
  /** The keys that changed, so that each was told once, as they were just after. */
  readonly changed: ReadonlyMap<Key, Version | undefined>;
  /** Keys whose time should have been set, and that were missing. */
  readonly missing: readonly Key[];
}

/** Bytes of payloads that one call is given at most, but for its last key. */
const MAX_CALL_BYTES = 16_000_000;

/**
 * Writes keys: up to a thousand in one step that nobody can come between.
 *
 * @param marker - What the database must bear.
 * @returns `undefined` when it bears something else, so that it was emptied or is not ours.
 */
export async function writeKeys(
  scripting: Scripting,
  marker: string,
  wanted: readonly Wanted[],
): Promise<Applied | undefined> {
  const changed = new Map<Key, Version | undefined>();
  const missing: Key[] = [];
  let at: number | undefined;
  for (const part of partsBySize(wanted)) {
    const keys = [MARKER, SCRATCH, ...part.map(({ key }) => key)];
    const args = [marker, ...part.flatMap(argumentsOf)];
    const answer = await runScript(scripting, SCRIPTS.apply, { keys, args });
    if (answer.length === 0) return undefined;
    at ??= timeOf(answer);
    for (const [index, { key, timeOnly, version }] of part.entries()) {
      const [took, payload] = [answer[index * 2 + 2], answer[index * 2 + 3]];
      if (Number(took) > 0) {
        const leftMs = version?.leftMs;
        changed.set(key, Buffer.isBuffer(payload) ? { payload, leftMs } : undefined);
      } else if (timeOnly === true) missing.push(key);
    }
  }
  return { at: at ?? 0, changed, missing };
}

/** At least one part, since the first also tells whether the database is ours. */
function partsBySize(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  let part: Wanted[] = [];
  const parts = [part];
  let sizeBytes = 0;
  for (const each of wanted) {
    if (part.length >= KEYS_PER_CALL || sizeBytes > MAX_CALL_BYTES) {
      part = [];
      parts.push(part);
      sizeBytes = 0;
    }
    part.push(each);
    sizeBytes += each.timeOnly === true ? 0 : (each.version?.payload.length ?? 0);
  }
  return parts;
}

function argumentsOf({ version, timeOnly }: Wanted): readonly RedisArgument[] {
  if (version === undefined) return ["0", "-", 0];
  return timeOnly === true ? [wholeMs(version.leftMs), "=", 0] : putArguments(version);
}
