import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TestCase, Vitest } from "vitest/node";
import { metaOf } from "../../../../src/bridge.ts";
import { createMemory, type Memory } from "../../../../src/plugin/watch/memory.ts";

vi.mock("vitest/node", () => ({
  experimental_getRunnerTask: ({ task }: { readonly task: object }) => task,
}));

let root: string;
let watcher: EventEmitter;
let memory: Memory;

const at = (name: string): string => join(root, name);

/** Writes a file, as somebody does; Vite tells of it. */
function write(name: string, text: string): void {
  writeFileSync(at(name), text);
  watcher.emit("all", "change", at(name));
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "explore-memory-"));
  mkdirSync(at("app/rules"), { recursive: true });
  for (const name of ["spec.ts", "schema.sql", "app/main.js", "app/rules/vat.js"]) {
    writeFileSync(at(name), name);
  }
  watcher = new EventEmitter();
  memory = createMemory({ config: { root }, vite: { watcher } } as unknown as Vitest);
  // The run begins a while after the files were written.
  await sleep(50);
});
afterEach(() => rmSync(root, { recursive: true }));

function driver(): TestCase {
  const branch = { meta: metaOf({ role: "branch" }) };
  const suite = { name: "shop", tasks: [branch, branch] };
  const module = { project: { name: "", config: { root } }, relativeModuleId: "spec.ts" };
  const meta = metaOf({ role: "driver", declared: "run", watch: ["schema.sql", "app", "none.js"] });
  return { task: { suite, meta }, module, project: module.project } as unknown as TestCase;
}

function pass(): void {
  memory.begin();
  memory.keep(driver(), [at("spec.ts")]);
}

const SAME = { "spec.ts": { shop: 2 } };

test("what has passed is unchanged, with the number of its branches", () => {
  expect(memory.unchanged()).toEqual({});
  pass();
  expect(memory.unchanged()).toEqual(SAME);
});

test.for(["spec.ts", "schema.sql", "app/main.js", "app/rules/vat.js", "none.js", "app/new.js"])(
  "a change of %s, and back again",
  (name) => {
    pass();
    write(name, "other");
    expect(memory.unchanged()).toEqual({});
    if (["none.js", "app/new.js"].includes(name)) rmSync(at(name));
    else write(name, name);
    expect(memory.unchanged()).toEqual(SAME);
  },
);

test("the content counts, whatever the watcher has told, and whatever the times are", () => {
  pass();
  writeFileSync(at("spec.ts"), "spec.TS");
  utimesSync(at("spec.ts"), 0, 0);

  expect(memory.unchanged()).toEqual({});
});

test("any other file of the project counts, whatever it holds", () => {
  pass();
  watcher.emit("all", "unlink", at("data.json"));
  expect(memory.unchanged()).toEqual({});
});

test.for([
  ".vitest/explore/shop.json",
  "spec.ts~",
  ".spec.ts.swp",
  "4913",
  "spec.ts___jb_tmp___",
  "app/__pycache__/main.pyc",
])("%s does not count", (name) => {
  pass();
  watcher.emit("all", "add", at(name));
  expect(memory.unchanged()).toEqual(SAME);
});

test("so does what is installed", () => {
  mkdirSync(at("node_modules"));
  pass();
  writeFileSync(at("node_modules/.package-lock.json"), "{}");
  expect(memory.unchanged()).toEqual({});
});

test("what was saved during the run may not have been what was run", () => {
  memory.begin();
  writeFileSync(at("spec.ts"), "saved");
  utimesSync(at("spec.ts"), 0, 0);
  memory.keep(driver(), [at("spec.ts")]);
  expect(memory.unchanged()).toEqual({});
});

test("nor what changed during the run, of which only the watcher knows", () => {
  memory.begin();
  watcher.emit("all", "change", at("spec.ts"));
  memory.keep(driver(), [at("spec.ts")]);
  expect(memory.unchanged()).toEqual({});
});

test("what runs again is forgotten", () => {
  pass();
  memory.forget(driver().module, "shop");
  expect(memory.unchanged()).toEqual({});
});
