import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

/** The part of a JSON Schema that is read here. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../docs/trace.schema.json"), "utf8"),
) as Schema;

/** Readers are told to expect further properties; what is written today has none. */
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  closed(SCHEMA),
);

/** What is wrong with a trace by the schema, a line each. */
export function complaints(trace: unknown): readonly string[] {
  validate(trace);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`,
  );
}

function closed(schema: Schema): Schema {
  const open = schema.properties === undefined || schema.additionalProperties !== undefined;
  return {
    ...schema,
    ...(!open && { additionalProperties: false }),
    ...(schema.properties && { properties: each(schema.properties, closed) }),
    ...(schema.$defs && { $defs: each(schema.$defs, closed) }),
    ...(schema.items && { items: closed(schema.items) }),
  };
}

function each<T, U>(from: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]));
}
