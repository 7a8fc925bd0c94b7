import { show, unknownOption, usageError } from "../errors.ts";

/** What is written of each exploration besides its cases. */
const REPORTS = ["json"] as const;

/** `json`: the trace, a file for each exploration, in `.vitest/explore`. */
export type ReportName = (typeof REPORTS)[number];

/** Options of the plugin. */
export interface ExploreOptions {
  /** @default none */
  readonly report?: ReportName | readonly ReportName[];
}

/** Options after their check. */
export interface CheckedOptions {
  readonly report: readonly ReportName[];
}

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
  return { report: names.map(readReport) };
}

function readReport(name: unknown): ReportName {
  const found = REPORTS.find((report) => report === name);
  if (found !== undefined) return found;
  const cure = `The reports are ${REPORTS.join(", ")}.`;
  throw usageError("explore(): report", `must name a report, got ${show(name)}`, cure);
}
