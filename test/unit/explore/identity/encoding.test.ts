import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../../../src/adapters/adapter.ts";
import { canonicalForm } from "../../../../src/explore/identity/index.ts";
import { isToken } from "../../../../src/explore/identity/tokens.ts";
import { parseTime } from "../../../../src/explore/identity/times.ts";
import { ID, system } from "./worlds.ts";

/** Values of every type, rich in characters that the form itself uses. */
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    1,
    NaN,
    Infinity,
    -Infinity,
    1n,
    "",
    "1",
    "null",
    "[",
    "#0",
  ),
  fc.integer(),
  fc.bigInt(),
  fc.double(),
  fc.string({ unit: fc.constantFrom(...'#,:[](){}"\\-nsx01t\n@&*=+ '.split("")) }),
  fc.uint8Array({ maxLength: 3 }),
);
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 3 }),
  ),
})).value;

test("equal forms mean equal values, and the reverse", () => {
  fc.assert(
    fc.property(plain, plain, fc.boolean(), (a, b, copy) => {
      const other = copy ? structuredClone(a) : b;
      expect(formOf(a) === formOf(other)).toBe(equal(a, other));
    }),
    { numRuns: 5000 },
  );
});

test.for([
  [1, "1"],
  [1, true],
  [1, 1n],
  [null, undefined],
  [null, "null"],
  [0, -0],
  [Uint8Array.of(1), "x01"],
  [Uint8Array.of(1), [1]],
  [[], {}],
  [
    [[1], 2],
    [1, [2]],
  ],
  [["a", "b"], ["a,b"]],
  [{ a: "b" }, '{"a":"b"}'],
] as const)("keeps %o and %o apart", ([a, b]) => {
  expect(formOf([a])).not.toBe(formOf([b]));
});

const cell = (value: Value): string =>
  canonicalForm({
    systems: [system("db", { rows: { columns: [ID, { name: "v" }], rows: [[1, value]] } })],
    context: {},
  });

test("keeps cells apart as it keeps values of the context apart", () => {
  const values: Value[] = [
    null,
    1,
    "1",
    1n,
    true,
    "true",
    Uint8Array.of(1),
    [1],
    { a: 1 },
    '{"a":1}',
  ];
  expect(new Set(values.map(cell)).size).toBe(values.length);
});

test.for([
  "550e8400-e29b-41d4-a716-446655440000",
  "018f4e9a-7c1b-7def-8123-456789abcdef",
  "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  "9f86d081884c7d65",
  "V1StGXR8_Z5jdHi6B-myT",
  "dGhpcyBpcyBhIHRlc3QgMTIzNA==",
  "clh3am8vq0000mr08bxkz1q2w",
  "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
])("takes %s for generated", (text) => {
  expect(isToken(text)).toBe(true);
});

test.for([
  "00000000-0000-0000-0000-000000000000",
  "order-2024-05-01-refund-note",
  "createdOrder2024January",
  "orderRefundRequestedByCustomer",
  "Customer-Order-2024-May-Report",
  "SHIPPED_AND_PARTIALLY_REFUNDED",
  "1234567890123456789012",
  "deadbeefdeadbeefdead",
  "a sentence of several words, 20 of them",
])("takes %s for a word of the app", (text) => {
  expect(isToken(text)).toBe(false);
});

test.for([
  ["2024-05-01T10:00:00Z", "2024-05-01 10:00:00", 0],
  ["2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00.000Z", 0],
  ["2024-05-01 10:00:00.000001+00", "2024-05-01 10:00:00", 1],
  ["2024-05-01T10:00", "2024-05-01T09:59:59,999999", 1],
] as const)("reads %s and %s as times %d µs apart", ([a, b, apartUs]) => {
  expect((parseTime(a) ?? NaN) - (parseTime(b) ?? NaN)).toBe(apartUs);
});

test.for(["2024-05-01", "10:00:00", "2024-13-01 10:00:00x", "2024-05-01T10:00:00 tomorrow"])(
  "reads no time in %s",
  (text) => {
    expect(parseTime(text)).toBeUndefined();
  },
);

function formOf(context: unknown): string {
  return canonicalForm({ systems: [], context });
}

/** Equality as the form has it: types count, -0 is not 0, NaN is itself, key order is nothing. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Uint8Array !== b instanceof Uint8Array) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  const other = new Map(right);
  return (
    left.length === right.length &&
    left.every(([key, value]) => other.has(key) && equal(value, other.get(key)))
  );
}
