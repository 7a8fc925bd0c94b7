import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunnerTestFile } from "vitest/node";
import { type BranchIndex, metaOf } from "../../../src/bridge.ts";
import { createBranchNames } from "../../../src/plugin/branch-index.ts";

let indexFile = "";
beforeEach(() => {
  indexFile = join(mkdtempSync(join(tmpdir(), "branch-index-")), "deep", "branches.json");
});
afterEach(() => rmSync(dirname(dirname(indexFile)), { recursive: true }));

/** A module that has run, with the branches of each exploration. */
function ran(
  explorations: Readonly<Record<string, readonly string[]>>,
  options: { readonly whole: boolean; readonly name?: string; readonly projectName?: string },
): RunnerTestFile {
  const tasks = Object.entries(explorations).map(([name, branches]) => {
    const meta = metaOf({ role: "driver", declared: "run", whole: options.whole });
    const cases = branches.map((branch) => ({
      type: "test",
      name: branch.replace(/^x /, ""),
      meta: metaOf({ role: "branch" }),
      result: { state: branch.startsWith("x ") ? "fail" : "pass" },
    }));
    const driver = { type: "test", name: "exploration", meta };
    return { type: "suite", name, meta: {}, tasks: [driver, ...cases] };
  });
  const { name = "shop.test.ts", projectName } = options;
  const own = { type: "test", name: "hand-written", meta: {} };
  return { type: "suite", name, projectName, tasks: [own, ...tasks] } as unknown as RunnerTestFile;
}

function saved(...files: readonly RunnerTestFile[]): unknown {
  const names = createBranchNames(indexFile);
  for (const file of files) names.collect(file);
  names.save();
  return (JSON.parse(readFileSync(indexFile, "utf8")) as { modules: unknown }).modules;
}

/** What is remembered as failed of the exploration `shop` after a run. */
function failed(run: RunnerTestFile): unknown {
  saved(run);
  const index = JSON.parse(readFileSync(indexFile, "utf8")) as BranchIndex;
  return index.failed?.["shop.test.ts"]?.["shop"];
}

test("keeps names by project, module and exploration", () => {
  const north = ran({ shop: ["a"] }, { whole: true, projectName: "north" });

  expect(saved(ran({ shop: ["a", "b"], bank: ["c"] }, { whole: true }), north)).toEqual({
    "shop.test.ts": { shop: ["a", "b"], bank: ["c"] },
    "north:shop.test.ts": { shop: ["a"] },
  });
});

test("a whole run replaces names, a run of some branches adds to them", () => {
  saved(ran({ shop: ["a", "b"] }, { whole: true }));

  expect(saved(ran({ shop: ["c"] }, { whole: false }))).toEqual({
    "shop.test.ts": { shop: ["a", "b", "c"] },
  });
  expect(saved(ran({ shop: ["c"] }, { whole: true }))).toEqual({ "shop.test.ts": { shop: ["c"] } });
});

test("forgets explorations that are no longer in their module, and keeps other modules", () => {
  saved(
    ran({ shop: ["a"] }, { whole: true }),
    ran({ x: ["y"] }, { whole: true, name: "x.test.ts" }),
  );

  expect(saved(ran({ renamed: ["a"] }, { whole: true }))).toEqual({
    "shop.test.ts": { renamed: ["a"] },
    "x.test.ts": { x: ["y"] },
  });
  expect(saved(ran({}, { whole: true }))).toEqual({ "x.test.ts": { x: ["y"] } });
});

test("starts anew when the file is damaged, and leaves no draft behind", () => {
  saved(ran({ shop: ["a"] }, { whole: true }));
  writeFileSync(indexFile, '{"version":1,"modules":{"shop');

  expect(saved(ran({ shop: ["b"] }, { whole: true }))).toEqual({ "shop.test.ts": { shop: ["b"] } });
  expect(readdirSync(dirname(indexFile))).toEqual(["branches.json"]);
});

test("writes nothing when nothing has run", () => {
  createBranchNames(indexFile).save();

  expect(readdirSync(dirname(dirname(indexFile)))).toEqual([]);
});

test("remembers what failed until it passes, or a whole run does not meet it", () => {
  expect(failed(ran({ shop: ["a", "x b", "x c", "x d"] }, { whole: true }))).toEqual([
    "b",
    "c",
    "d",
  ]);
  expect(failed(ran({ shop: ["b"] }, { whole: false }))).toEqual(["c", "d"]);
  expect(failed(ran({ shop: ["x a"] }, { whole: false }))).toEqual(["a", "c", "d"]);
  expect(failed(ran({ shop: ["x a", "c"] }, { whole: true }))).toEqual(["a"]);
  expect(failed(ran({ shop: ["a"] }, { whole: true }))).toBeUndefined();
});
