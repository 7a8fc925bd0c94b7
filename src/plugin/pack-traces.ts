import type { RunnerTestFile } from "vitest/node";
import { metaOf, ownMeta } from "../bridge.ts";
import { explorationsOf } from "./explorations.ts";

/** Puts traces into a module's tree, for the run that will merge its blob with others. */
export function packTraces(
  file: RunnerTestFile,
  traceOf: (exploration: string) => string | undefined,
): void {
  for (const { name, driver } of explorationsOf(file)) {
    const meta = ownMeta(driver.meta);
    const trace = traceOf(name);
    if (meta?.role !== "driver" || trace === undefined) continue;
    Object.assign(driver.meta, metaOf({ ...meta, trace }));
  }
}

/** Takes the traces out of a tree that comes from a blob. */
export function unpackTraces(file: RunnerTestFile, take: (trace: string) => void): void {
  for (const { driver } of explorationsOf(file)) {
    const meta = ownMeta(driver.meta);
    if (meta?.role !== "driver" || meta.trace === undefined) continue;
    const { trace, ...rest } = meta;
    Object.assign(driver.meta, metaOf(rest));
    take(trace);
  }
}
