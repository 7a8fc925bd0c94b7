import type { Trace } from "../trace/trace.ts";

/** Makes text of traces; who writes the files, and where, is not its business. */
export type Report = ExplorationReport | RunReport;

/** A file for each exploration. */
export interface ExplorationReport {
  readonly of: "exploration";
  /** Of the file, with its dot. */
  readonly extension: string;
  readonly text: (trace: Trace) => string;
}

/** One file for all explorations of a run. */
export interface RunReport {
  readonly of: "run";
  readonly file: string;
  readonly text: (traces: readonly Trace[], context: RunContext) => string;
}

/** What a report of a run may show or use besides the traces. */
export interface RunContext {
  /** The name of the folder that the tests are run in. */
  readonly project: string;
  /** Reads a file that the build has put into `parts` beside the report. */
  readonly part: (name: string) => string;
}
