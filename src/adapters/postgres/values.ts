import type { Value } from "../adapter.ts";
import { plainValue } from "../sql/rows.ts";
import type { Driver, ParseText } from "./driver.ts";

/** Reads a column's value from the server's text. */
export type ParseValue = (text: string) => Value;

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const NUMBERS = new Set([21, 23, 26, 700, 701]);
const JSONS = new Set([114, 3802]);
/** `bool[]`, `int2[]`, `int4[]`, `text[]`, `varchar[]`, `float4[]`, `float8[]`, `uuid[]`. */
const ARRAYS = new Set([1000, 1005, 1007, 1009, 1015, 1021, 1022, 2951]);

/** How values of a type are read for differences: exact, and the same for equal values. */
export function valueParser({ parserOf }: Pick<Driver, "parserOf">, type: number): ParseValue {
  if (type === BOOL) return (text) => text === "t" || text === "true";
  if (type === BYTEA) return (text) => new Uint8Array(Buffer.from(text.slice(2), "hex"));
  if (type === INT8) return exactInteger;
  if (NUMBERS.has(type)) return Number;
  if (JSONS.has(type)) return (text) => JSON.parse(text) as Value;
  // Times, numerics and all other types stay as they are written.
  return ARRAYS.has(type) ? (parserOf(type) as ParseValue) : (text) => text;
}

/** How the handle reads values: as the driver does, but counts and keys are numbers. */
export function handleParser(type: number): ParseText | undefined {
  return type === INT8 ? exactInteger : undefined;
}

function exactInteger(text: string): Value {
  return plainValue(BigInt(text));
}
