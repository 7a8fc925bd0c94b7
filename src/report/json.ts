import type { ExplorationReport } from "./report.ts";

/** The trace as it is. */
export const json: ExplorationReport = {
  of: "exploration",
  extension: ".json",
  text: (trace) => `${JSON.stringify(trace)}\n`,
};
