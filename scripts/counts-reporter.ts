import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** How a run of Vitest ended, in tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that skipped themselves and said why: `test/e2e/python.test.ts > …: no python3`. */
  readonly reasons: string[];
}

/** Where the reporter writes to, so that the last line can be printed when Vitest has ended. */
export const COUNTS_FILE = ".work/counts.json";

/** Prints counts the way the project's commands end: `3 passed, 0 failed, 1 skipped`. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Writes the counts of a run to {@link COUNTS_FILE}. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    mkdirSync(dirname(COUNTS_FILE), { recursive: true });
    writeFileSync(COUNTS_FILE, JSON.stringify(countTests(modules, unhandledErrors.length)));
  }
}

/**
 * Whatever fails outside a test counts as one failed test: a file that does not load, a suite hook,
 * an unhandled error. So a run that failed never shows 0 failed.
 */
function countTests(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0, reasons: [] };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      // Pending after the end of the run: never ran, for example because of bail.
      counts[result.state === "pending" ? "skipped" : result.state] += 1;
      if (result.state === "skipped" && result.note !== undefined) {
        counts.reasons.push(`${module.relativeModuleId} > ${test.fullName}: ${result.note}`);
      }
    }
  }
  return counts;
}
