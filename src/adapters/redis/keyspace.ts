import { createHash } from "node:crypto";
import type { Observation } from "../adapter.ts";
import { command } from "./driver.ts";
import { isOurs, keyOf, type Key, SCRATCH, showKey } from "./keys.ts";
import { CAPTURE, DECODE, partsOf, READ, runScript, type Scripting } from "./scripts.ts";
import { type Content, contentsOf, encodeContent, tellTexts } from "./values.ts";

/** What a key held at some moment. */
export interface Version {
  /** As `DUMP` gives it. */
  readonly payload: Buffer;
  /** Milliseconds that it had left to live then; absent for a key that stays. */
  readonly leftMs: number | undefined;
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
  let at: number | undefined;
  for (const part of keys.length === 0 ? [[]] : partsOf(keys)) {
    const answer = await runScript(scripting, CAPTURE, { keys: part });
    const now = timeOf(answer);
    // Later parts count from the first, so that all have one clock.
    at ??= now;
    for (const [index, key] of part.entries()) {
      versions.set(key, versionOf(answer.slice(index * 2 + 2, index * 2 + 4), now - at));
    }
  }
  return { at: at ?? 0, versions };
}

/** The server's clock, in milliseconds, from the answer of a script that begins with it. */
export function timeOf([seconds, microseconds]: readonly unknown[]): number {
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

function versionOf([payload, left]: readonly unknown[], laterByMs: number): Version | undefined {
  if (!Buffer.isBuffer(payload)) return undefined;
  return { payload, leftMs: Number(left) < 0 ? undefined : Number(left) + laterByMs };
}

/** Reads keys as plain data. */
export async function readContents(
  scripting: Scripting,
  keys: readonly Key[],
): Promise<ReadonlyMap<Key, Content | undefined>> {
  const contents = new Map<Key, Content | undefined>();
  for (const part of partsOf(keys)) {
    const read = contentsOf(await runScript(scripting, READ, { keys: part }));
    for (const [index, key] of part.entries()) contents.set(key, read[index]);
  }
  return contents;
}

/** Reads payloads as plain data. */
export async function decodePayloads(
  scripting: Scripting,
  payloads: readonly Buffer[],
): Promise<readonly (Content | undefined)[]> {
  const contents: (Content | undefined)[] = [];
  for (const part of partsOf(payloads)) {
    contents.push(
      ...contentsOf(await runScript(scripting, DECODE, { keys: [SCRATCH], args: part })),
    );
  }
  return contents;
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
