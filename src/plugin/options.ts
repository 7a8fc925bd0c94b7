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
}

/** Options after their check. */
export interface CheckedOptions {
  readonly report: ReadonlySet<ReportName>;
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
    if (name !== "report") throw unknownOption("explore()", name, ["report"]);
  }
  const { report = [] } = options as { readonly report?: unknown };
  const names: readonly unknown[] = Array.isArray(report) ? report : [report];
  return { report: new Set(names.map(readReport)) };
}

function readReport(name: unknown): ReportName {
  const found = NAMES.find((report) => report === name);
  if (found !== undefined) return found;
  const cure = `The reports are ${NAMES.join(", ")}.`;
  throw usageError("explore(): report", `must name a report, got ${show(name)}`, cure);
}
