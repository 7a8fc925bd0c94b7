import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  DefaultReporter,
  type Reporter,
  type TestCase,
  type TestModule,
  type Vitest,
} from "vitest/node";
import { createMirrors } from "../../../src/plugin/mirrors.ts";

const module = { id: "f" } as TestModule;

function announcing(more: object): Reporter & { announced: number } {
  const reporter = {
    announced: 0,
    onTestModuleCollected: () => {
      reporter.announced += 1;
    },
    ...more,
  };
  return reporter;
}

function mirrorsOf(...reporters: readonly Reporter[]): ReturnType<typeof createMirrors> {
  return createMirrors({ reporters } as unknown as Vitest);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a client that keeps a copy of the tree hears of many cases in one announcement", () => {
  const ui = announcing({ clients: new Map(), wss: {} });
  const editor = announcing({ initRpc: () => {} });
  const mirrors = mirrorsOf(ui, editor);

  for (let batch = 0; batch < 10; batch += 1) mirrors.grown(module, 5);
  expect(ui.announced).toBe(0);
  vi.runAllTimers();
  expect([ui.announced, editor.announced]).toEqual([1, 1]);
  mirrors.grown(module, 5);
  mirrors.flush(module);
  vi.runAllTimers();

  expect([ui.announced, editor.announced]).toEqual([2, 2]);
});

test("other reporters are never told of a module twice", () => {
  const own = announcing({});
  const mirrors = mirrorsOf(own);

  mirrors.grown(module, 5);
  mirrors.flush(module);
  vi.runAllTimers();

  expect(own.announced).toBe(0);
});

test("the live summary of the default reporter counts the new cases", () => {
  const reporter = new DefaultReporter();
  const running = new Map([["f", { total: 2 }]]);
  const summary = { tests: { total: 3 }, runningModules: running };
  Object.assign(reporter, { summary });

  mirrorsOf(reporter).grown(module, 4);

  expect([summary.tests.total, running.get("f")?.total]).toEqual([7, 6]);
});

test("the live summary shows how far an exploration has come, in one line that changes", () => {
  const reporter = new DefaultReporter();
  const tests = new Map<string, object>();
  Object.assign(reporter, { summary: { runningModules: new Map([["f", { total: 2, tests }]]) } });
  const driver = { id: "d", module } as TestCase;
  const mirrors = mirrorsOf(reporter);

  mirrors.progress(driver, "shop: 1 states");
  mirrors.progress(driver, undefined);
  mirrors.progress(driver, "shop: 2 states");

  expect([...tests]).toEqual([
    ["d", expect.objectContaining({ name: "shop: 2 states", visible: true })],
  ]);
});

test("a default reporter without a live summary, as in CI, is left alone", () => {
  const reporter = new DefaultReporter();

  expect(() => mirrorsOf(reporter).grown(module, 4)).not.toThrow();
});
