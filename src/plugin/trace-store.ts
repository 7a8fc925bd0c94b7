import type { RunnerTestFile } from "vitest/node";
import type { Trace } from "../trace/trace.ts";
import { explorationsOf } from "./explorations.ts";

/** A trace, and whose it is. */
export interface KeptTrace {
  /** Empty for a project without a name. */
  readonly project: string;
  readonly trace: Trace;
  readonly json: string;
}

/** Keeps the last trace of each exploration, also of those that a run of watch mode leaves out. */
export interface TraceStore {
  readonly keep: (project: string, json: string) => KeptTrace;
  /** As JSON. */
  readonly find: (file: RunnerTestFile, exploration: string) => string | undefined;
  /** Forgets all that are in none of the modules, since their exploration or module is gone. */
  readonly prune: (files: readonly RunnerTestFile[]) => void;
  /** In the order of project, module and name. */
  readonly all: () => readonly KeptTrace[];
}

export function createTraceStore(): TraceStore {
  const kept = new Map<string, KeptTrace>();
  return {
    keep: (project, json) => {
      const trace = JSON.parse(json) as Trace;
      const entry = { project, trace, json };
      kept.set(keyOf(project, trace.exploration), entry);
      return entry;
    },
    find: ({ projectName, name: module }, name) =>
      kept.get(keyOf(projectName, { module, name }))?.json,
    prune: (files) => {
      const present = new Set(
        files.flatMap((file) =>
          explorationsOf(file).map(({ name }) =>
            keyOf(file.projectName, { module: file.name, name }),
          ),
        ),
      );
      for (const key of kept.keys()) if (!present.has(key)) kept.delete(key);
    },
    all: () => [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry),
  };
}

function keyOf(project: string | undefined, { module, name }: Trace["exploration"]): string {
  return JSON.stringify([project ?? "", module, name]);
}
