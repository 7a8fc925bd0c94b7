import { isOutOfMemory } from "./failures.ts";
import type { Key } from "./keys.ts";
import { timeOf, type Version } from "./keyspace.ts";
import { APPLY, partsOf, runScript, type Scripting } from "./scripts.ts";

/** What a key shall be. */
export interface Wanted {
  readonly key: Key;
  /** Absent: it shall be missing. */
  readonly payload: Buffer | undefined;
  /** Milliseconds that it shall have left to live; absent for a key that stays. */
  readonly leftMs: number | undefined;
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

/** Writes keys: up to a thousand in one step that nobody can come between. */
export async function writeKeys(scripting: Scripting, wanted: readonly Wanted[]): Promise<Applied> {
  try {
    return await apply(scripting, wanted);
  } catch (error) {
    if (!isOutOfMemory((error as Error).cause)) throw error;
    // Removing is always allowed: with all of them gone there may be room.
    await apply(
      scripting,
      wanted.map(({ key }) => ({ key, payload: undefined, leftMs: undefined })),
    );
    return apply(
      scripting,
      wanted.map(({ key, payload, leftMs }) => ({ key, payload, leftMs })),
    );
  }
}

async function apply(scripting: Scripting, wanted: readonly Wanted[]): Promise<Applied> {
  const changed = new Map<Key, Version | undefined>();
  const missing: Key[] = [];
  let at: number | undefined;
  for (const part of wanted.length === 0 ? [[]] : partsOf(wanted)) {
    const keys = part.map(({ key }) => key);
    const answer = await runScript(scripting, APPLY, { keys, args: part.flatMap(argumentsOf) });
    at ??= timeOf(answer);
    for (const [index, { key, timeOnly, leftMs }] of part.entries()) {
      const [took, payload] = answer.slice(index * 2 + 2);
      if (Number(took) > 0) {
        changed.set(key, Buffer.isBuffer(payload) ? { payload, leftMs } : undefined);
      } else if (timeOnly === true) missing.push(key);
    }
  }
  return { at: at ?? 0, changed, missing };
}

function argumentsOf({ payload, leftMs, timeOnly }: Wanted): readonly [string, string | Buffer] {
  // The server takes whole milliseconds, and 0 for a key that stays.
  const left = leftMs === undefined ? "0" : String(Math.max(1, Math.round(leftMs)));
  if (payload === undefined) return [left, "-"];
  return [left, timeOnly === true ? "=" : payload];
}
