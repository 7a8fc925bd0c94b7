import { createHash } from "node:crypto";
import type { Observation } from "../adapter.ts";
import { command, type RedisArgument } from "./driver.ts";
import { isOurs, keyOf, type Key, SCRATCH, showKey } from "./keys.ts";
import { KEYS_PER_CALL, runScript, type Scripting, SCRIPTS } from "./scripts.ts";
import { type Content, contentsOf, encodeContent, tellTexts } from "./values.ts";

/** What a key held at some moment. */
export interface Version {
  /** As `DUMP` gives it. */
  readonly payload: Buffer;
  /** Milliseconds that it had left to live then; absent for a key that stays. */
  readonly leftMs: number | undefined;
  /** The fields of a hash that run out; absent when there are none. */
  readonly fields?: readonly FieldTime[];
}

/** A field of a hash with a time to live of its own. */
export interface FieldTime {
  readonly name: Buffer;
  readonly value: Buffer;
  readonly leftMs: number;
}

/** Keys as they were at one moment. */
export interface Captured {
  /** The server's clock, in milliseconds. */
  readonly at: number;
  readonly versions: ReadonlyMap<Key, Version | undefined>;
}

/** The names of all keys, without ours. */
export async function listKeys({ client, system }: Scripting): Promise<readonly Key[]> {
  const found = (await command(client, system, ["KEYS", "*"])) as readonly Buffer[];
  return found.map(keyOf).filter((key) => !isOurs(key));
}

/** Reads keys so that they can be written back. */
export async function capture(scripting: Scripting, keys: readonly Key[]): Promise<Captured> {
  const versions = new Map<Key, Version | undefined>();
  const args = [flagOf(scripting)];
  let at: number | undefined;
  for (let next = 0; at === undefined || next < keys.length;) {
    const part = keys.slice(next, next + KEYS_PER_CALL);
    const answer = await runScript(scripting, SCRIPTS.capture, { keys: part, args });
    const now = timeOf(answer);
    // Later parts count from the first, so that all have one clock.
    at ??= now;
    const read = Math.floor((answer.length - 2) / 3);
    for (const [index, key] of part.slice(0, read).entries()) {
      versions.set(key, versionOf(answer.slice(index * 3 + 2, index * 3 + 5), now - at));
    }
    if (read === 0 && part.length > 0) throw new Error("the server answered for no key");
    next += read;
  }
  return { at, versions };
}

function flagOf({ hasFieldTimes }: Scripting): string {
  return hasFieldTimes ? "1" : "0";
}

/** The server's clock, in milliseconds, from the answer of a script that begins with it. */
export function timeOf([seconds, microseconds]: readonly unknown[]): number {
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

function versionOf(
  [payload, left, fields]: readonly unknown[],
  laterByMs: number,
): Version | undefined {
  if (!Buffer.isBuffer(payload)) return undefined;
  const version = { payload, leftMs: Number(left) < 0 ? undefined : Number(left) + laterByMs };
  return Array.isArray(fields) && fields.length > 0
    ? { ...version, fields: fieldTimesOf(fields, laterByMs) }
    : version;
}

function fieldTimesOf(flat: readonly unknown[], laterByMs: number): readonly FieldTime[] {
  const fields: FieldTime[] = [];
  for (let index = 0; index + 2 < flat.length; index += 3) {
    const [name, value, left] = flat.slice(index, index + 3);
    if (!Buffer.isBuffer(name) || !Buffer.isBuffer(value)) continue;
    fields.push({ name, value, leftMs: Number(left) + laterByMs });
  }
  return fields;
}

/** What the script `apply` is told of a key that shall hold something. */
export function putArguments({ payload, leftMs, fields = [] }: Version): readonly RedisArgument[] {
  const times = fields.flatMap(({ name, value, leftMs: left }) => [name, value, wholeMs(left)]);
  return [wholeMs(leftMs), payload, fields.length, ...times];
}

/** The server takes whole milliseconds, and 0 for what stays. */
export function wholeMs(leftMs: number | undefined): string {
  return leftMs === undefined ? "0" : String(Math.max(1, Math.round(leftMs)));
}

/** Reads keys as plain data. */
export async function readContents(
  scripting: Scripting,
  keys: readonly Key[],
): Promise<ReadonlyMap<Key, Content | undefined>> {
  const contents = new Map<Key, Content | undefined>();
  const args = [flagOf(scripting)];
  for (const part of partsOf(keys)) {
    const read = contentsOf(await runScript(scripting, SCRIPTS.read, { keys: part, args }));
    for (const [index, key] of part.entries()) contents.set(key, read[index]);
  }
  return contents;
}

/** Reads what was captured as plain data. */
export async function decodeVersions(
  scripting: Scripting,
  versions: readonly Version[],
): Promise<readonly (Content | undefined)[]> {
  const contents: (Content | undefined)[] = [];
  for (const part of partsOf(versions)) {
    const args = [flagOf(scripting), ...part.flatMap(putArguments)];
    contents.push(
      ...contentsOf(await runScript(scripting, SCRIPTS.decode, { keys: [SCRATCH], args })),
    );
  }
  return contents;
}

/** Cuts a list into parts that one call of a script may be given. */
function partsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += KEYS_PER_CALL) {
    parts.push(items.slice(start, start + KEYS_PER_CALL));
  }
  return parts;
}

/**
 * Reads the whole content, without a look at what is known of it. Remaining times are left out,
 * since they differ from one moment to the next.
 */
export async function observeKeys(
  scripting: Scripting,
  onText?: (text: string) => void,
): Promise<Observation> {
  const contents = await readContents(scripting, (await listKeys(scripting)).toSorted());
  const digests = new Map<string, { size: number; readonly hash: ReturnType<typeof createHash> }>();
  for (const [key, content] of contents) {
    if (content === undefined) continue;
    if (onText !== undefined) {
      onText(showKey(key));
      tellTexts(content.value, onText);
    }
    let digest = digests.get(content.type);
    if (digest === undefined) {
      digest = { size: 0, hash: createHash("sha256") };
      digests.set(content.type, digest);
    }
    digest.size += 1;
    digest.hash.update(`${JSON.stringify(key)} ${encodeContent(content)}\n`);
  }
  return Object.fromEntries(
    [...digests].map(([type, { size, hash }]) => [type, { size, digest: hash.digest("base64") }]),
  );
}
