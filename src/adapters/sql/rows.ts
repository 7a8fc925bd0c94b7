import type { Value } from "../adapter.ts";

/** A value as a driver gives it when it is asked for exact integers: those are bigints. */
export type ExactValue = null | number | bigint | string | Uint8Array;

/** Makes an exact integer a number where no digit is lost. */
export function plainValue(value: unknown): Value {
  if (typeof value !== "bigint") return value as Value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Writes values so that only equal lists of values give equal texts; 1 and 1.0 differ. */
export function encodeValues(values: readonly ExactValue[]): string {
  return values.map(encodeValue).join();
}

function encodeValue(value: ExactValue): string {
  if (value === null) return "n";
  if (typeof value === "bigint") return `i${value}`;
  if (typeof value === "number") return `r${value}`;
  if (typeof value === "string") return `t${value.length}:${value}`;
  return `b${Buffer.from(value).toString("base64")}`;
}
