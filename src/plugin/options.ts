import { show, unknownOption, usageError } from "../errors.ts";
import { REPORTS, type ReportName } from "../report/reports.ts";

/** Options of the plugin. */
export interface ExploreOptions {
  /**
   * What is written besides the cases, into `.vitest/explore`: `json`, the trace, and `mermaid`,
   * the graph of states as a Markdown page, a file for each exploration; `html`, one page for all
   * explorations of a run.
   *
   * @default none
   */
  readonly report?: ReportName | readonly ReportName[];
  /**
   * Processes that explore each exploration at the same time, > 0, each with databases and an app of
   * its own. @default 1
   */
  readonly workers?: number;
}

const OPTIONS: readonly string[] = ["report", "workers"];

/** Options after their check. */
export interface CheckedOptions {
  readonly report: ReadonlySet<ReportName>;
  readonly workers: number;
}

const NAMES = Object.keys(REPORTS) as ReportName[];

/**
 * Checks the options of the plugin.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the option.
 */
export function checkOptions(options: unknown): CheckedOptions {
  if (typeof options !== "object" || options === null) {
    throw usageError(
      "explore()",
      `was called with ${show(options)}`,
      'Give an object: `explore({ report: "json" })`.',
    );
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw unknownOption("explore()", name, OPTIONS);
  }
  const { report = [], workers = 1 } = options as {
    readonly report?: unknown;
    readonly workers?: unknown;
  };
  const names: readonly unknown[] = Array.isArray(report) ? report : [report];
  return { report: new Set(names.map(readReport)), workers: readWorkers(workers) };
}

function readWorkers(workers: unknown): number {
  if (Number.isSafeInteger(workers) && (workers as number) > 0) return workers as number;
  const cure = "Leave it out for the default, 1.";
  throw usageError("explore(): workers", `must be a positive integer, got ${show(workers)}`, cure);
}

function readReport(name: unknown): ReportName {
  const found = NAMES.find((report) => report === name);
  if (found !== undefined) return found;
  const cure = `The reports are ${NAMES.join(", ")}.`;
  throw usageError("explore(): report", `must name a report, got ${show(name)}`, cure);
}
