/** A value of a database as JSON can hold it. */
export type TracedValue =
  | null
  | boolean
  | number
  | string
  | readonly TracedValue[]
  | { readonly [key: string]: TracedValue };

/** What can be encoded; `adapters/adapter.ts` has the same type as `Value`. */
type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/**
 * Writes a value as JSON can hold it: `{ "$bigint": "17" }`, `{ "$bytes": "00ff" }` and, for numbers
 * that JSON has no word for, `{ "$number": "NaN" }`. A key that begins with `$` gets one more.
 */
export function encodeTraced(value: Plain): TracedValue {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return { $bytes: hexOf(value) };
  if (isList(value)) return value.map(encodeTraced);
  const entries = Object.entries(value).map(
    ([key, inner]) => [key.startsWith("$") ? `$${key}` : key, encodeTraced(inner)] as const,
  );
  return fromEntries(entries);
}

/** Reads what `encodeTraced` has written. */
export function decodeTraced(value: TracedValue): Plain {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(decodeTraced);
  const { $bigint, $bytes, $number } = value as Readonly<Record<string, TracedValue>>;
  if (typeof $bigint === "string") return BigInt($bigint);
  if (typeof $number === "string") return Number($number);
  if (typeof $bytes === "string") return bytesOf($bytes);
  const entries = Object.entries(value).map(
    ([key, inner]) => [key.startsWith("$") ? key.slice(1) : key, decodeTraced(inner)] as const,
  );
  return fromEntries(entries);
}

function encodeNumber(value: number): TracedValue {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isFinite(value) && text !== "-0" ? value : { $number: text };
}

/** Like `Object.fromEntries`, where also `__proto__` is a key like any other. */
function fromEntries<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}

/** By tag, since under `vmThreads` there are several classes of that name. */
function isBytes(value: object): value is Uint8Array {
  return (
    ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]"
  );
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex: string): Uint8Array {
  const pairs = hex.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
