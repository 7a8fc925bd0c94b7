import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTraced, encodeTraced } from "../../../src/trace/value-codec.ts";

type Plain = Parameters<typeof encodeTraced>[0];

const { value } = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt(),
    fc.string(),
    fc.uint8Array({ maxLength: 5 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom("$bigint", "$bytes", "$number", "$$x", "__proto__")),
      tie("value"),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
}));

test("what was encoded and went through JSON is decoded to the same", () => {
  fc.assert(
    fc.property(value, (plain) => {
      expect(decodeTraced(JSON.parse(JSON.stringify(encodeTraced(plain))))).toEqual(plain);
    }),
  );
});

test.for([
  [17n, { $bigint: "17" }],
  [new Uint8Array([0, 255]), { $bytes: "00ff" }],
  [Number.NaN, { $number: "NaN" }],
  [-0, { $number: "-0" }],
  [{ $bigint: "no" }, { $$bigint: "no" }],
  ["text", "text"],
] as const)("%o is written as %o", ([plain, written]) => {
  expect(encodeTraced(plain)).toEqual(written);
});
