import { expect, test } from "vitest";
import { commandFor, patternFor } from "../../../src/trace/replay-command.ts";

test("a command names the path, the file, and the exploration where it is not alone", () => {
  const target = { token: "0/2", module: "shop.test.ts" };

  expect(commandFor(target)).toBe("EXPLORE_REPLAY=0/2 npx vitest run shop.test.ts");
  expect(commandFor({ ...target, project: "" })).toBe(commandFor(target));
  expect(commandFor({ ...target, project: "north", pattern: "shop" })).toBe(
    'EXPLORE_REPLAY=0/2 npx vitest run shop.test.ts --project "north" -t "shop"',
  );
});

test("a pattern is the whole name where a part of it would run others", () => {
  expect(patternFor("checkout > shop", ["bank"])).toBe("checkout.*shop");
  expect(patternFor("shop", ["shop with coupons"])).toBe("shop.{1,3}exploration$");
  expect(patternFor('add "$5"', [])).toBe("add ..5.");
});
