import { show, unknownOption, usageError } from "../errors.ts";
import { BOOLEAN, checkOption, isNameIn } from "../option-rules.ts";
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
  /**
   * In watch mode, run explorations again after a save although nothing that they are made of has
   * changed since they passed.
   *
   * @default false
   */
  readonly rerunUnchanged?: boolean;
}

/** Options after their check. */
export interface CheckedOptions {
  readonly report: ReadonlySet<ReportName>;
  readonly workers: number;
  readonly rerunUnchanged: boolean;
}

const OPTIONS: Readonly<Record<keyof ExploreOptions, true>> = {
  report: true,
  workers: true,
  rerunUnchanged: true,
};

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
    if (!isNameIn(OPTIONS, name)) throw unknownOption("explore()", name, Object.keys(OPTIONS));
  }
  const given = options as Partial<Record<string, unknown>>;
  const { report = [], workers = 1, rerunUnchanged = false } = given;
  checkOption("explore(): rerunUnchanged", rerunUnchanged, BOOLEAN);
  const names: readonly unknown[] = Array.isArray(report) ? report : [report];
  return {
    report: new Set(names.map(readReport)),
    workers: readWorkers(workers),
    rerunUnchanged: rerunUnchanged === true,
  };
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
