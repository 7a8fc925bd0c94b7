import { decodeTraced, type TracedValue } from "../../../trace/value-codec.ts";

/** Bytes of a value that are shown. */
const MOST_BYTES = 32;

/** Tells a value of a database, e.g. `"paid"`, `null`, `17`, `3 bytes 00ff7f`. */
export function valueText(value: TracedValue | undefined): string {
  return plainText(decodeTraced(value ?? null));
}

type Plain = ReturnType<typeof decodeTraced>;

function plainText(value: Plain): string {
  // As it is, without escapes: what is read must be what is there.
  if (typeof value === "string") return `"${value}"`;
  if (typeof value !== "object" || value === null) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value instanceof Uint8Array) return bytesText(value);
  if (isList(value)) return `[${value.map(plainText).join(", ")}]`;
  const members = Object.entries(value).map(([key, inner]) => `"${key}": ${plainText(inner)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function bytesText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, MOST_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  const rest = bytes.length > MOST_BYTES ? "…" : "";
  return `${bytes.length} bytes ${hex.join("")}${rest}`;
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}
