/** The name of a key: a character for each of its bytes, since names may be any bytes. */
export type Key = string;

/** The key that says who works in a database. */
export const MARKER: Key = "vitest-explore:owner";

/** A key that exists only inside of a script. */
export const SCRATCH: Key = "vitest-explore:scratch";

export function keyOf(bytes: Uint8Array): Key {
  return Buffer.from(bytes).toString("latin1");
}

export function bytesOf(key: Key): Buffer {
  return Buffer.from(key, "latin1");
}

/** A key as the user knows it. */
export function showKey(key: Key): string {
  return bytesOf(key).toString("utf8");
}

export function isOurs(key: Key): boolean {
  return key === MARKER || key === SCRATCH;
}
