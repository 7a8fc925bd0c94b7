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
  const diffs = await ofEach(adapters, async (adapter, index) => {
    const part = parts[index];
    return part && { name: adapter.name, diff: await adapter.diff(part) };
  });
  return diffs.filter((diff) => diff !== undefined);
}

/**
 * Asks all systems at the same time: what one answers does not depend on the others.
 *
 * @returns The answers in the order of the systems.
 * @throws What the first of the systems in that order threw, once all have ended.
 */
export async function ofEach<T>(
  adapters: readonly Adapter[],
  ask: (adapter: Adapter, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const answers = await Promise.allSettled(adapters.map(ask));
  return answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value;
  });
}
