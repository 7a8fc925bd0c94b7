import { describe, expectTypeOf, test } from "vitest";
import { type ErrorCode, type ErrorFamily, familyOf, isExploreError } from "../../src/errors.ts";

describe("errors", () => {
  test("a code is one of the known names, so a switch over them can be exhaustive", () => {
    expectTypeOf<"EXPLORE_USAGE">().toExtend<ErrorCode>();
    expectTypeOf<string>().not.toExtend<ErrorCode>();
  });

  test("isExploreError narrows what was caught", () => {
    const caught: unknown = new Error("?");
    if (isExploreError(caught)) expectTypeOf(caught.code).toEqualTypeOf<ErrorCode>();
  });

  test("everybody else's errors have no family", () => {
    expectTypeOf(familyOf).returns.toEqualTypeOf<ErrorFamily | undefined>();
  });
});
