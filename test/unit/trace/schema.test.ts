import { expect, expectTypeOf, test } from "vitest";
import type {
  Trace,
  TracedBranch,
  TracedFailure,
  TracedSummary,
} from "../../../src/trace/trace.ts";
import { complaints, SCHEMA, type Schema } from "../../support/trace-schema.ts";

/** With every property that there may be: a new one has to be added here, and then to the schema. */
type Full<T> = T extends readonly (infer Item)[]
  ? readonly Full<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Full<T[Key]> }
    : T;

const TEXT = { text: "{", omitted: 3 };
const EXCHANGE: Full<Trace>["transitions"][number]["step"]["exchanges"][number] = {
  system: "api",
  method: "POST",
  target: "/orders",
  headers: { "content-type": "application/json" },
  body: TEXT,
  response: { status: 201, headers: { etag: "1" }, body: TEXT },
  error: "socket hang up",
};
const STEP: Full<Trace>["transitions"][number]["step"] = {
  number: 1,
  action: "create order #1",
  input: { amount: 7, at: { $text: "new Date(0)" } },
  exchanges: [EXCHANGE],
  omittedExchanges: 1,
  changes: [
    {
      system: "db",
      collection: "orders",
      columns: ["id", "data"],
      key: [0],
      changes: [{ before: [1, { $bytes: "00ff" }], after: [1.5, [null, true, { $$a: {} }]] }],
      omitted: 2,
    },
  ],
  output: [{ system: "api", text: "hello" }],
  checks: [EXCHANGE],
};
const FULL: Full<Trace> = {
  version: 1,
  exploration: { module: "shop.test.ts", name: "shop" },
  settings: { depth: 5, seed: -1, strategy: "breadthFirst", shard: { index: 1, count: 2 } },
  actions: ["create order"],
  invariants: [{ name: "sold out", expectation: "sometimes" }],
  states: [{ fingerprint: "a", depth: 0, path: "" }],
  transitions: [{ from: 0, action: 0, to: 0, path: "0", durationMs: 1.5, step: STEP }],
  branches: [
    {
      name: "create order",
      path: "0/12",
      status: "failed",
      durationMs: 0,
      failure: {
        kind: "violation",
        message: "boom",
        invariant: "sold out",
        failedAt: 1,
        shrunk: "0",
        replay: "0:k3f9a:0/12",
        sameAs: "create order",
        steps: [STEP],
      },
    },
  ],
  witnesses: [{ invariant: "sold out", path: "0" }],
  summary: {
    outcome: "budget",
    complete: false,
    endedBy: "maxStates",
    unexplored: 1,
    neverEnabled: ["refund"],
    unwitnessed: ["sold out"],
  },
};

test("a trace with all that there may be is right", () => {
  expect(complaints(FULL)).toEqual([]);
});

/** Optional, and in the small trace all the same, so that what is in them is looked at. */
const OPTIONAL = [".failure", "settings.shard", ".body", ".response", "steps.0.changes"];

test("what has to be there is what the type says", () => {
  // Typed: what is missing here is optional.
  const small: Trace = {
    ...FULL,
    transitions: [{ from: 0, action: 0, path: "", durationMs: 0 }],
    branches: [
      {
        name: "",
        path: "",
        status: "failed",
        durationMs: 0,
        failure: {
          kind: "error",
          message: "",
          steps: [
            {
              number: 1,
              action: "",
              output: [],
              exchanges: [
                {
                  system: "",
                  method: "",
                  target: "",
                  headers: {},
                  response: { status: 0, headers: {} },
                },
                { system: "", method: "", target: "", headers: {}, body: { text: "" } },
              ],
              changes: [
                { system: "", collection: "", columns: [], key: [], changes: [{ after: [] }] },
              ],
            },
          ],
        },
      },
    ],
    summary: {
      outcome: "exhausted",
      complete: true,
      unexplored: 0,
      neverEnabled: [],
      unwitnessed: [],
    },
  };
  expect(complaints(small)).toEqual([]);

  // And nothing else is.
  for (const place of placesOf(small)) {
    const optional = OPTIONAL.some((end) => place.join(".").endsWith(end));
    expect(complaints(cut(small, place)).length === 0, place.join(".")).toBe(optional);
  }
});

test("the schema names no property that the type does not have", () => {
  expect(unusedProperties(SCHEMA, FULL, "")).toEqual([]);
});

test("words are those of the type", () => {
  const kinds = ["violation", "error", "diverged", "infrastructure"] as const;
  const statuses = ["passed", "failed"] as const;
  const outcomes = ["exhausted", "budget", "violation"] as const;
  const expectations = ["always", "sometimes"] as const;

  expectTypeOf<(typeof kinds)[number]>().toEqualTypeOf<TracedFailure["kind"]>();
  expectTypeOf<(typeof statuses)[number]>().toEqualTypeOf<TracedBranch["status"]>();
  expectTypeOf<(typeof outcomes)[number]>().toEqualTypeOf<TracedSummary["outcome"]>();
  expectTypeOf<(typeof expectations)[number]>().toEqualTypeOf<Rule["expectation"]>();
  expect(wordsIn(SCHEMA)).toEqual([expectations, statuses, kinds, outcomes]);
});

type Rule = Trace["invariants"][number];

/** The lists of words that a schema allows, in its order. */
function wordsIn(schema: unknown): readonly unknown[] {
  if (typeof schema !== "object" || schema === null) return [];
  const words = "enum" in schema ? [schema.enum] : [];
  return [...words, ...Object.values(schema).flatMap(wordsIn)];
}

/** Where the properties of a value are, at any depth. */
function placesOf(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...at, key];
    return [...(Array.isArray(value) ? [] : [place]), ...placesOf(inner, place)];
  });
}

/** A copy without one property. */
function cut(value: unknown, [key = "", ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => (String(index) === key ? cut(inner, rest) : inner));
  }
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  return rest.length === 0 ? others : { ...others, [key]: cut(inner, rest) };
}

/** Properties of a schema that a value does not have anywhere. */
function unusedProperties(schema: Schema, value: unknown, place: string): readonly string[] {
  const { $ref, items, properties = {} } = schema;
  if ($ref !== undefined) {
    const definition = SCHEMA.$defs?.[$ref.replace("#/$defs/", "")];
    return definition === undefined
      ? [`${place} ${$ref}`]
      : unusedProperties(definition, value, place);
  }
  if (items !== undefined) {
    const [first] = value as readonly unknown[];
    return unusedProperties(items, first, `${place}[]`);
  }
  return Object.entries(properties).flatMap(([key, inner]) => {
    const found = (value as Readonly<Record<string, unknown>>)[key];
    const at = `${place}.${key}`;
    return found === undefined ? [at] : unusedProperties(inner, found, at);
  });
}
