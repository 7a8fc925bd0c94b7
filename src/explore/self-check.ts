import { ExploreError } from "../errors.ts";
import type { Adapter, Checkpoint, Diff, Observation } from "../adapters/adapter.ts";
import { diffsSince, ofEach, type SystemDiff } from "./diffs.ts";
import { tellDifference } from "./tell-difference.ts";

/** What is known of a checkpoint, to compare with after a rollback to it. */
export interface Evidence {
  /** Whole contents by system; absent where reading them would have cost too much. */
  readonly observations: ReadonlyMap<string, Observation> | undefined;
  /** Net differences from the root by system, as text; absent as above. */
  readonly differences: ReadonlyMap<string, string> | undefined;
}

/** Proves that rollback restored what it should. */
export interface SelfCheck {
  /**
   * Reads the evidence of the current state.
   *
   * @param diffs - The net differences from the root, when they have just been read.
   */
  readonly gather: (
    root: readonly Checkpoint[],
    diffs?: readonly SystemDiff[],
  ) => Promise<Evidence>;
  /** Reads the evidence of the root, where there is no difference, and tells every text in it. */
  readonly gatherRoot: (onText: (text: string) => void) => Promise<Evidence>;
  /**
   * Compares the current state with a checkpoint's evidence.
   *
   * @param thorough - Read the whole content, whatever it costs.
   * @throws ExploreError `EXPLORE_ROLLBACK_INCOMPLETE` naming system and collection.
   */
  readonly confirm: (
    evidence: Evidence,
    root: readonly Checkpoint[],
    thorough: boolean,
  ) => Promise<void>;
  /**
   * Compares the current state with what was read of it earlier.
   *
   * @param diffs - The net differences from the root as they were read when the last step was over.
   * @throws ExploreError `EXPLORE_ROLLBACK_INCOMPLETE` naming the system that was written to since.
   */
  readonly confirmSettled: (
    diffs: readonly SystemDiff[],
    root: readonly Checkpoint[],
  ) => Promise<void>;
}

/**
 * Share of the time since the start that may be spent on each kind of check. The differences are
 * cheap and catch rows that rollback missed; whole contents cost as much as the data is large and
 * catch writes that rollback never saw.
 */
const SHARE = { differences: 0.2, settled: 0.1, contents: 0.05 } as const;

/** Checks made before any time is counted: the root, and the first rollbacks of a run. */
const ALWAYS_FIRST = 3;

export function createSelfCheck(adapters: readonly Adapter[]): SelfCheck {
  const differences = createAllowance(SHARE.differences);
  const settled = createAllowance(SHARE.settled);
  const contents = createAllowance(SHARE.contents);

  return {
    gather: async (root, diffs) => ({
      observations: await contents.spend(() => observeAll(adapters)),
      differences: await differences.spend(async () =>
        textsOf(diffs ?? (await diffsSince(adapters, root))),
      ),
    }),
    gatherRoot: async (onText) => ({
      observations: await contents.spend(() => observeAll(adapters, onText)),
      differences: textsOf(adapters.map(({ name }) => ({ name, diff: [] }))),
    }),
    confirm: async ({ observations, differences: expected }, root, thorough) => {
      if (observations !== undefined) {
        const compare = (): Promise<void> => compareContents(adapters, observations);
        await (thorough ? compare() : contents.spend(compare));
      }
      if (expected !== undefined) {
        await differences.spend(async () =>
          compareDifferences(
            expected,
            textsOf(await diffsSince(adapters, root)),
            rollbackIncomplete,
          ),
        );
      }
    },
    confirmSettled: async (diffs, root) => {
      await settled.spend(async () =>
        compareDifferences(textsOf(diffs), textsOf(await diffsSince(adapters, root)), unsettled),
      );
    },
  };
}

interface Allowance {
  /** Runs `task`, or answers `undefined` when the share is used up. */
  readonly spend: <T>(task: () => Promise<T>) => Promise<T | undefined>;
}

function createAllowance(share: number): Allowance {
  const start = performance.now();
  let spentMs = 0;
  let runs = 0;
  return {
    spend: async (task) => {
      const now = performance.now();
      if (runs >= 2 * ALWAYS_FIRST && spentMs > share * (now - start)) return undefined;
      runs += 1;
      const result = await task();
      spentMs += performance.now() - now;
      return result;
    },
  };
}

async function observeAll(
  adapters: readonly Adapter[],
  onText?: (text: string) => void,
): Promise<ReadonlyMap<string, Observation>> {
  return new Map(
    await ofEach(
      adapters,
      async (adapter) => [adapter.name, await adapter.observe(onText)] as const,
    ),
  );
}

function textsOf(diffs: readonly SystemDiff[]): ReadonlyMap<string, string> {
  return new Map(diffs.map(({ name, diff }) => [name, textOf(diff)]));
}

/** Adapters order a difference by key, so equal differences have equal texts. */
function textOf(diff: Diff): string {
  try {
    return JSON.stringify(diff);
  } catch {
    // Bigints are rare, and a replacer makes all the others several times as slow.
    return JSON.stringify(diff, (_key, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
  }
}

async function compareContents(
  adapters: readonly Adapter[],
  expected: ReadonlyMap<string, Observation>,
): Promise<void> {
  for (const [system, after] of await observeAll(adapters)) {
    const before = expected.get(system) ?? {};
    for (const collection of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const was = before[collection];
      const is = after[collection];
      if (was?.digest === is?.digest && was?.size === is?.size) continue;
      throw rollbackIncomplete(system, describe(collection, was), describe(collection, is));
    }
  }
}

function compareDifferences(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
  problem: typeof rollbackIncomplete,
): void {
  for (const [system, text] of expected) {
    const now = actual.get(system) ?? "";
    if (now !== text) throw problem(system, ...tellDifference(text, now));
  }
}

function describe(collection: string, fact: Observation[string] | undefined): string {
  if (fact === undefined) return `no ${collection}`;
  const rows = fact.size === 1 ? "1 row" : `${fact.size} rows`;
  return `${collection} has ${rows} (digest ${fact.digest.slice(0, 8)})`;
}

function unsettled(system: string, expected: string, actual: string): ExploreError {
  return new ExploreError(
    "EXPLORE_ROLLBACK_INCOMPLETE",
    `${system}: something was written after a step was over, which no rollback can attribute.\n` +
      `  after the step: ${expected}\n` +
      `  a little later: ${actual}\n` +
      "Nothing that was found in this run can be trusted. Usual causes: the app writes after it has " +
      "answered (a background job, a timer), a second app uses the same database, or a rule, an " +
      "`enabled` or `afterBranch` writes.\n" +
      "Wait for the job inside the action, stop the other writer, or move the write into an action.",
    { details: { system, expected, actual } },
  );
}

function rollbackIncomplete(system: string, expected: string, actual: string): ExploreError {
  return new ExploreError(
    "EXPLORE_ROLLBACK_INCOMPLETE",
    `${system}: rollback did not restore the state.\n` +
      `  at the checkpoint: ${expected}\n` +
      `  after rollback:    ${actual}\n` +
      "Nothing that was found in this run can be trusted. Usual causes: the app writes after it has " +
      "answered (a background job, a timer), a second app uses the same database, or the app removed " +
      "the triggers that log its writes.\n" +
      "Stop the other writer or wait for the job inside the action, or choose another `isolation`.",
    { details: { system, expected, actual } },
  );
}
