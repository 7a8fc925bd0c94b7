import { describe, expect, test } from "vitest";
import { createNames } from "../../../../src/explore/tracing/names.ts";

const ONE = "0b4a3b54-5d8c-4f6e-9b0a-6f0d8a1c2e3f";
const TWO = "1c5b4c65-6e9d-4a7f-8c1b-7a1e9b2d3f4a";

test("random ids are numbered in the order in which they are met", () => {
  const names = createNames(new Set());

  expect(names.text(`/orders/${ONE}/items/${TWO}`)).toBe("/orders/<id 1>/items/<id 2>");
  expect(names.text(TWO)).toBe("<id 2>");
  expect(names.text("order 17 of ann@example.com")).toBe("order 17 of ann@example.com");
});

test("ids that exist from the start keep their value", () => {
  expect(createNames(new Set([ONE])).text(`${ONE} ${TWO}`)).toBe(`${ONE} <id 1>`);
});

describe("a time", () => {
  const now = new Date();

  test.for([
    [now.toISOString(), "<time>"],
    [`at ${now.toISOString()}: ok`, "at <time>: ok"],
    [now.toUTCString(), "<time>"],
    [`expires ${new Date(now.getTime() + 40 * 86_400_000).toISOString()}`, expect.any(String)],
    ["2031-05-06T10:30:00Z", "2031-05-06T10:30:00Z"],
    ["from 2031-05-06 10:30 on", "from 2031-05-06 10:30 on"],
    ["2031-05-06T10:30:07.123Z", "<time>"],
    ["2031-05-06", "2031-05-06"],
  ])("%s is told as %s", ([text, told]) => {
    expect(createNames(new Set()).text(String(text))).toEqual(told);
  });

  test("as a number is told by the name it stands under", () => {
    const names = createNames(new Set());
    expect(names.number(now.getTime(), "created_at")).toBe("<time>");
    expect(names.number(now.getTime(), "amount")).toBeUndefined();
    expect(names.number(7, "created_at")).toBeUndefined();
  });
});
