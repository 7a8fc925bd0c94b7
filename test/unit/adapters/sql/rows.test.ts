import { describe, expect, test } from "vitest";
import { nameList, quoteName, quoteText } from "../../../../src/adapters/sql/quote.ts";
import { encodeValues, plainValue } from "../../../../src/adapters/sql/rows.ts";

describe("values", () => {
  test("exact integers become numbers where no digit is lost", () => {
    expect([1n, -5n, 2n ** 53n - 1n, 2n ** 53n, "1", null].map(plainValue)).toEqual([
      1,
      -5,
      9007199254740991,
      9007199254740992n,
      "1",
      null,
    ]);
  });

  test("only equal rows give equal texts", () => {
    const rows = [
      [1n],
      [1],
      ["1"],
      [null],
      [""],
      ["a", "b"],
      ["a,t1:b"],
      [Buffer.from("a")],
      ["a"],
      [1n, null],
      [],
    ];

    expect(new Set(rows.map((row) => encodeValues(row))).size).toBe(rows.length);
  });
});

describe("names", () => {
  test("are quoted", () => {
    expect(quoteName('odd "name')).toBe('"odd ""name"');
    expect(quoteText("it's")).toBe("'it''s'");
    expect(nameList(["a", 'b"'], "NEW.")).toBe('NEW."a", NEW."b"""');
  });
});
