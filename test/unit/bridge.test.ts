import { expect, test } from "vitest";
import { branchId, branchTask, driverOf, metaOf, moduleKey, ownMeta } from "../../src/bridge.ts";

test("the id of a branch begins with its suite's and depends on the name alone", () => {
  expect(branchId("12_0", "add → pay")).toBe(branchId("12_0", "add → pay"));
  expect(branchId("12_0", "add → pay")).toMatch(/^12_0_x[0-9a-z]{4,26}$/);
  // It is kept in caches and in links, so a change of it must be on purpose.
  expect(branchId("12_0", "add → pay")).toMatchInlineSnapshot(`"12_0_x1pdgkrk1duki10"`);
});

test("ids of 50,000 branches differ", () => {
  const ids = new Set(Array.from({ length: 50_000 }, (_, index) => branchId("s", `a → b${index}`)));

  expect(ids.size).toBe(50_000);
});

test("a branch's task has nothing that cannot be sent", () => {
  const suite = { id: "s", name: "shop", fullName: "f > shop", file: { name: "f" }, tasks: [] };
  const branch = { id: "s_x1", name: "add", meta: { role: "branch", path: "0" } } as const;

  expect(structuredClone(branchTask(suite, branch))).toMatchObject({ name: "add", type: "test" });
});

test("drivers are told by their meta, not by their name", () => {
  const impostor = { type: "test", name: "exploration", meta: {} };
  const driver = { type: "test", name: "x", meta: metaOf({ role: "driver", declared: "run" }) };
  const suite = { id: "s", name: "shop", fullName: "shop", file: {} };

  expect(driverOf({ ...suite, tasks: [impostor, driver] })).toBe(driver);
  expect(driverOf({ ...suite, tasks: [impostor] })).toBeUndefined();
  expect(ownMeta(impostor.meta)).toBeUndefined();
});

test("modules of different projects have different keys", () => {
  expect(moduleKey("", "shop.test.ts")).toBe("shop.test.ts");
  expect(moduleKey("north", "shop.test.ts")).toBe("north:shop.test.ts");
});
