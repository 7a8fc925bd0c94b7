import type { Value } from "../adapter.ts";
import { plainValue } from "../sql/rows.ts";
import type { MysqlField } from "./driver.ts";

/** Reads a column's value from the bytes that the server sends. */
export type ParseValue = (bytes: Buffer) => Value;

const NUMBERS = new Set(["tinyint", "smallint", "mediumint", "int", "year", "float", "double"]);
const BYTES = new Set(
  "binary varbinary tinyblob blob mediumblob longblob vector geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection geomcollection".split(
    " ",
  ),
);

/** How values of a kind of column are read for differences: exact, and the same for equal values. */
export function valueParser(kind: string): ParseValue {
  if (NUMBERS.has(kind)) return (bytes) => Number(bytes.toString());
  if (kind === "bigint") return (bytes) => exactInteger(bytes.toString());
  if (kind === "bit") return (bytes) => exactInteger(`0x${bytes.toString("hex")}`);
  if (kind === "json") return (bytes) => JSON.parse(bytes.toString()) as Value;
  if (BYTES.has(kind)) return (bytes) => new Uint8Array(bytes);
  // Times, decimals and all other types stay as they are written.
  return (bytes) => bytes.toString();
}

/** Has the driver answer bytes. */
export function asBytes(field: MysqlField): Buffer | null {
  return field.buffer();
}

/** How the handle reads values: as the driver does, but large integers are exact. */
export function asHandle(field: MysqlField, next: () => unknown): unknown {
  if (field.type !== "LONGLONG") return next();
  const text = field.string();
  return text === null ? null : exactInteger(text);
}

function exactInteger(text: string): Value {
  return plainValue(BigInt(text));
}
