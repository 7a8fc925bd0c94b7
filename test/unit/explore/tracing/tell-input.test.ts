import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Input } from "../../../../src/explore/model.ts";
import { tellInput } from "../../../../src/explore/tracing/tell-input.ts";
import { createSecrets } from "../../../../src/trace/secrets.ts";

function inputOf(value: unknown): Input {
  return { key: "k", text: () => fc.stringify(value), value: () => value, simpler: () => [] };
}

const tell = (value: unknown, more: readonly string[] = []): unknown =>
  tellInput(inputOf(value), { secrets: createSecrets(more) });

test.for([
  ["data", { amount: 7, tags: ["a", null], at: "2031-05-05" }],
  ["a text", "0e7f3a52-3c1a-4f5e-9d5b-8b3c5a6d7e8f"],
  ["a number", 7],
  ["nothing", null],
] as const)("%s is told as it is, also where it looks like an id or a time", ([, value]) => {
  expect(tell(value)).toEqual(value);
});

test("an object without a prototype is data like any other", () => {
  expect(tell(Object.assign(Object.create(null), { amount: 7 }))).toEqual({ amount: 7 });
});

test("what JSON has no word for is told in words of the trace", () => {
  expect(tell({ big: 7n, bytes: new Uint8Array([1]), low: -0 })).toEqual({
    big: { $bigint: "7" },
    bytes: { $bytes: "01" },
    low: { $number: "-0" },
  });
});

test.for([
  [new Date(0), 'new Date("1970-01-01T00:00:00.000Z")'],
  [{ at: new Map([[1, 2]]) }, '{"at":new Map([[1,2]])}'],
  [undefined, "undefined"],
  [{ note: undefined }, '{"note":undefined}'],
] as const)("more than data is told as a text: %j", ([value, text]) => {
  expect(tell(value)).toEqual({ $text: text });
});

test("secrets are masked by their names, in data and in a text", () => {
  expect(tell({ user: "ann", password: "hunter22", iban: [{ no: "DE00" }] }, ["iban"])).toEqual({
    user: "ann",
    password: "<secret>",
    iban: "<secret>",
  });
  expect(tell({ at: new Date(0), password: "hunter22" })).toEqual({
    $text: '{"at":new Date("1970-01-01T00:00:00.000Z"),"password":"<secret>"}',
  });
});

test("of a long input the beginning is told", () => {
  expect(tell(["x".repeat(3000)])).toEqual({ $text: `["${"x".repeat(1998)}…` });
});
