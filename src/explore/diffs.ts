import type { Adapter, Checkpoint, Diff } from "../adapters/adapter.ts";

/** The net difference of one system from the initial state. */
export interface SystemDiff {
  readonly name: string;
  readonly diff: Diff;
}

/**
 * Reads each system's net difference from an ancestor of the current state.
 *
 * @param parts - The ancestor: a checkpoint per adapter, in the same order.
 */
export async function diffsSince(
  adapters: readonly Adapter[],
  parts: readonly Checkpoint[],
): Promise<readonly SystemDiff[]> {
  const diffs: SystemDiff[] = [];
  for (const [index, adapter] of adapters.entries()) {
    const part = parts[index];
    if (part !== undefined) diffs.push({ name: adapter.name, diff: await adapter.diff(part) });
  }
  return diffs;
}
