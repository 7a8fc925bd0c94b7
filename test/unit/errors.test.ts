import { describe, expect, test } from "vitest";
import { ExploreError, familyOf, isExploreError, show, unknownOption } from "../../src/errors.ts";

describe("an error", () => {
  test("is told by its code, also from another copy of the package", () => {
    const error = new ExploreError("EXPLORE_APP_DIED", "it died", { details: { code: 1 } });
    const foreign = Object.assign(new Error("it died"), { code: "EXPLORE_APP_DIED" });

    expect(String(error)).toBe("ExploreError [EXPLORE_APP_DIED]: it died");
    expect([error, foreign].map(isExploreError)).toEqual([true, true]);
    expect([error, foreign].map(familyOf)).toEqual(["app", "app"]);
    expect(familyOf(Object.assign(new Error("x"), { code: "toString" }))).toBeUndefined();
  });

  test("of a misspelt option names the nearest", () => {
    const known = ["path", "schema", "isolation"];
    const cure = (name: string): unknown => unknownOption("sqlite()", name, known).details["cure"];

    expect(cure("pth")).toBe("Did you mean `path`?");
    expect(cure("SCHEMA")).toBe("Did you mean `schema`?");
    expect(cure("isolatoin")).toBe("Did you mean `isolation`?");
    expect(cure("retries")).toBe("The options are path, schema, isolation.");
  });

  test.for([
    [undefined, "undefined"],
    ["a", '"a"'],
    [1n, "1n"],
    [[1, { a: null }], '[1,{"a":null}]'],
    [() => {}, "the function (anonymous)"],
    [{ big: 1n }, "[object Object]"],
    ["x".repeat(100), `"${"x".repeat(76)}...`],
  ])("shows %o in one line", ([value, text]) => {
    expect(show(value)).toBe(text);
  });
});
