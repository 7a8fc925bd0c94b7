import { describe, expect, test } from "vitest";
import { indentJson } from "../../../../../src/report/html/client/json-text.ts";
import { valueText } from "../../../../../src/report/html/client/value-text.ts";
import { encodeTraced } from "../../../../../src/trace/value-codec.ts";

describe("JSON", () => {
  test("is broken into lines, each word as it was sent", () => {
    const sent = String.raw`{"id":12345678901234567890,"text":"a \"{,}\" é","list":[1,[]],"none":{}}`;

    expect(indentJson(sent)).toBe(String.raw`{
  "id": 12345678901234567890,
  "text": "a \"{,}\" é",
  "list": [
    1,
    []
  ],
  "none": {}
}`);
  });

  test.for(["", "hello", '{"a":', "17", '"text"', "<b>{}</b>", "{a:1}"])(
    "%s is left alone",
    (text) => {
      expect(indentJson(text)).toBe(text);
    },
  );

  test("keeps what it means", () => {
    const value = { a: [{ b: null }, [true, "x\n\u2028"]], "": {}, c: [[], {}] };
    const compact = JSON.stringify(value);
    expect(JSON.parse(indentJson(compact))).toEqual(value);
    expect(indentJson(JSON.stringify(value, null, 7))).toBe(JSON.stringify(value, null, 2));
  });
});

test.for([
  ["open", '"open"'],
  ['</script> "quoted"', '"</script> "quoted""'],
  ["", '""'],
  [null, "null"],
  [17, "17"],
  [Number.NaN, "NaN"],
  [-0, "-0"],
  [12345678901234567890n, "12345678901234567890"],
  [true, "true"],
  [Uint8Array.of(0, 255), "2 bytes 00ff"],
  [new Uint8Array(33), `33 bytes ${"00".repeat(32)}…`],
  [[1, "a", [null]], '[1, "a", [null]]'],
  [{ $a: 1n, b: {} }, '{ "$a": 1, "b": {} }'],
] as const)("the value %o is shown as %s", ([value, text]) => {
  expect(valueText(encodeTraced(value))).toBe(text);
});

test("a value that is not there is shown as null", () => {
  expect(valueText(undefined)).toBe("null");
});
