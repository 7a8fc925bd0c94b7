import {
  DefaultReporter,
  type Reporter,
  type TestCase,
  type TestModule,
  type Vitest,
} from "vitest/node";
import { reportersOf } from "./reporters.ts";

/** A tree is serialised as a whole for each client, so it is not announced more often. */
const announceEveryMs = 150;

/** What keeps a copy of the task tree, or a count of it, from before the branches were there. */
export interface Mirrors {
  /** Lets the counts grow now and the copies soon. */
  readonly grown: (module: TestModule, cases: number) => void;
  /** Shows how far a driver's exploration has come, on a terminal. */
  readonly progress: (driver: TestCase, line: string | undefined) => void;
  /** Announces a module that is waiting for it. */
  readonly flush: (module: TestModule) => void;
}

/** The part of the default reporter that draws on a terminal; private to it. */
interface SummaryParts {
  readonly tests?: { total: number };
  readonly runningModules?: Map<string, { total: number; readonly tests?: Map<string, object> }>;
}

export function createMirrors(vitest: Vitest): Mirrors {
  const waiting = new Map<string, NodeJS.Timeout>();

  function flush(module: TestModule): void {
    const timer = waiting.get(module.id);
    if (timer === undefined) return;
    clearTimeout(timer);
    waiting.delete(module.id);
    for (const reporter of reportersOf(vitest)) {
      // Never the default reporter: it would count the module a second time.
      if (keepsACopy(reporter)) void reporter.onTestModuleCollected?.(module);
    }
  }

  return {
    grown: (module, cases) => {
      for (const reporter of reportersOf(vitest)) raiseTotals(reporter, module, cases);
      if (waiting.has(module.id) || !reportersOf(vitest).some(keepsACopy)) return;
      waiting.set(module.id, setTimeout(() => flush(module), announceEveryMs).unref());
    },
    progress: (driver, line) => {
      for (const reporter of reportersOf(vitest)) showProgress(reporter, driver, line);
    },
    flush,
  };
}

/** The servers of Vitest's UI and of the VS Code extension. */
function keepsACopy(reporter: Reporter): boolean {
  const known = reporter as { clients?: unknown; wss?: unknown; initRpc?: unknown };
  return (Boolean(known.clients) && Boolean(known.wss)) || typeof known.initRpc === "function";
}

/** The live line "Tests 3 of 17" on a terminal; private to the reporter, and only cosmetic. */
function raiseTotals(reporter: Reporter, module: TestModule, cases: number): void {
  if (!(reporter instanceof DefaultReporter)) return;
  const { summary } = reporter as unknown as { readonly summary?: SummaryParts };
  const running = summary?.runningModules?.get(module.id);
  if (summary?.tests !== undefined) summary.tests.total += cases;
  if (running !== undefined) running.total += cases;
}

/** A line below the module on a terminal, where slow tests are shown; it goes with the module. */
function showProgress(reporter: Reporter, driver: TestCase, line: string | undefined): void {
  if (!(reporter instanceof DefaultReporter) || line === undefined) return;
  const { summary } = reporter as unknown as { readonly summary?: SummaryParts };
  const tests = summary?.runningModules?.get(driver.module.id)?.tests;
  const shown = tests?.get(driver.id) ?? { startTime: performance.now(), onFinish: () => {} };
  tests?.set(driver.id, Object.assign(shown, { name: line, visible: true }));
}
