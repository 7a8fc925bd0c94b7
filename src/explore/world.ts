import { ExploreError, isExploreError } from "../errors.ts";
import type { Adapter, Checkpoint, Isolation } from "../adapters/adapter.ts";
import { diffsSince, type SystemDiff } from "./diffs.ts";
import { addConstants } from "./identity/index.ts";
import { createSelfCheck, type Evidence } from "./self-check.ts";

/** Plain data that actions share; rolled back with the systems. */
export type Context = Record<string, unknown>;

/** A point in the history of all systems and the context. */
export interface WorldCheckpoint {
  readonly parts: readonly Checkpoint[];
  readonly context: Context;
  readonly evidence: Evidence;
}

/** Several systems and the context as one: checkpointed together, rolled back all or none. */
export interface World extends AsyncDisposable {
  /** The weakest of the systems' histories. */
  readonly history: "stack" | "tree";
  /** How each system is rolled back, by name. */
  readonly isolations: ReadonlyMap<string, Isolation>;
  /** The state the systems were in when the world was opened; never released. */
  readonly root: WorldCheckpoint;
  /** What looks generated in the root, e.g. UUIDs of seeded rows: constants of a state's identity. */
  readonly constants: ReadonlySet<string>;
  /** Why the world cannot be used any more, once a rollback has failed half-way. */
  readonly unusable: ExploreError | undefined;
  /** The context as it is now; assign to replace it. */
  context: Context;
  /** @param diffs - The net differences from the root, when the caller has just read them. */
  readonly checkpoint: (diffs?: readonly SystemDiff[]) => Promise<WorldCheckpoint>;
  /**
   * Returns all systems and the context to a checkpoint and checks that they got there.
   *
   * A system that failed may be anywhere, so nothing is tried again: a new world is the way on.
   *
   * @throws ExploreError `EXPLORE_ROLLBACK_INCOMPLETE` when a system's content is not what it was;
   * `EXPLORE_CHECKPOINT_UNKNOWN`, with nothing done, when `to` was released; `EXPLORE_WORLD_UNUSABLE`
   * after any other failure, as of all verbs but `release`.
   */
  readonly rollback: (to: WorldCheckpoint) => Promise<void>;
  /** Gives a checkpoint up in every system; of an unusable world nothing needs to be given up. */
  readonly release: (checkpoint: WorldCheckpoint) => Promise<void>;
  /** The net difference of each system from the root, in the order of the systems. */
  readonly diffs: () => Promise<readonly SystemDiff[]>;
  /**
   * Makes sure that nobody has written since the differences were read.
   *
   * @param diffs - As `diffs` answered when the last step was over.
   * @throws ExploreError `EXPLORE_ROLLBACK_INCOMPLETE` when a system holds something else now.
   */
  readonly assertSettled: (diffs: readonly SystemDiff[]) => Promise<void>;
  /** Returns to the root and compares every system's whole content with what it was at first. */
  readonly reset: () => Promise<void>;
}

/**
 * Opens the systems and takes the root checkpoint.
 *
 * @param adapters - Connected, not open. In the order they are rolled back: stores before apps.
 * @throws ExploreError whatever an adapter's `open` or first `checkpoint` throws; all are disposed.
 */
export async function openWorld(adapters: readonly Adapter[]): Promise<World> {
  const isolations = new Map<string, Isolation>();
  try {
    for (const adapter of adapters) isolations.set(adapter.name, await adapter.open());
    return await createWorld(adapters, isolations);
  } catch (error) {
    // What closing says after a failure is not what has to be cured.
    await disposeAll(adapters).catch(() => {});
    throw error;
  }
}

async function createWorld(
  adapters: readonly Adapter[],
  isolations: ReadonlyMap<string, Isolation>,
): Promise<World> {
  const selfCheck = createSelfCheck(adapters);
  let unusable: ExploreError | undefined;
  let context: Context = {};
  const constants = new Set<string>();
  const note = (text: string): void => addConstants(text, constants);
  const root = await checkpointAll(adapters, context, () => selfCheck.gatherRoot(note));

  function assertUsable(): void {
    if (unusable !== undefined) throw worldUnusable(unusable);
  }

  async function rollback(to: WorldCheckpoint, thorough: boolean): Promise<void> {
    assertUsable();
    const progress = { moved: 0 };
    try {
      await rollbackAll(adapters, to, progress);
      await selfCheck.confirm(to.evidence, root.parts, thorough);
    } catch (error) {
      const isRefusal = isExploreError(error) && error.code === "EXPLORE_CHECKPOINT_UNKNOWN";
      // Refused before any system was moved: all are where they were.
      if (!isRefusal || progress.moved > 0) unusable = asExploreError(error);
      throw error;
    }
    context = structuredClone(to.context);
  }

  return {
    history: weakestHistory(adapters),
    isolations,
    root,
    constants,
    get unusable() {
      return unusable;
    },
    get context() {
      return context;
    },
    set context(value) {
      context = value;
    },
    checkpoint: async (diffs) => {
      assertUsable();
      return checkpointAll(adapters, context, () => selfCheck.gather(root.parts, diffs));
    },
    rollback: (to) => rollback(to, false),
    release: async (checkpoint) => {
      if (unusable === undefined) await releaseAll(adapters, checkpoint);
    },
    diffs: async () => {
      assertUsable();
      return diffsSince(adapters, root.parts);
    },
    assertSettled: async (diffs) => {
      assertUsable();
      await selfCheck.confirmSettled(diffs, root.parts);
    },
    reset: () => rollback(root, true),
    [Symbol.asyncDispose]: () => disposeAll(adapters),
  };
}

/** Marks every system, or none: what was marked before a failure is released again. */
async function checkpointAll(
  adapters: readonly Adapter[],
  context: Context,
  gather: () => Promise<Evidence>,
): Promise<WorldCheckpoint> {
  const marked: { readonly adapter: Adapter; readonly part: Checkpoint }[] = [];
  try {
    for (const adapter of adapters) marked.push({ adapter, part: await adapter.checkpoint() });
    const evidence = await gather();
    return {
      parts: marked.map(({ part }) => part),
      context: structuredClone(context),
      evidence,
    };
  } catch (error) {
    await Promise.allSettled(marked.map(({ adapter, part }) => adapter.release(part)));
    throw error;
  }
}

/** @param progress - Counts the systems that were moved. */
async function rollbackAll(
  adapters: readonly Adapter[],
  to: WorldCheckpoint,
  progress: { moved: number },
): Promise<void> {
  for (const adapter of adapters) await adapter.settle();
  for (const [adapter, part] of partsOf(adapters, to)) {
    await adapter.rollback(part);
    progress.moved += 1;
  }
}

function releaseAll(adapters: readonly Adapter[], checkpoint: WorldCheckpoint): Promise<void> {
  return everyone(partsOf(adapters, checkpoint), ([adapter, part]) => adapter.release(part));
}

/** Apps close before the stores they hold open. */
function disposeAll(adapters: readonly Adapter[]): Promise<void> {
  return everyone(adapters.toReversed(), (adapter) => adapter[Symbol.asyncDispose]());
}

/** Each system with its part of a checkpoint. */
function partsOf(
  adapters: readonly Adapter[],
  { parts }: WorldCheckpoint,
): readonly (readonly [Adapter, Checkpoint])[] {
  return adapters.flatMap((adapter, index) => {
    const part = parts[index];
    return part === undefined ? [] : [[adapter, part] as const];
  });
}

/** Runs for each although one has failed, one after another; throws the first error. */
async function everyone<T>(
  items: readonly T[],
  run: (item: T) => PromiseLike<void>,
): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await run(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function worldUnusable(cause: ExploreError): ExploreError {
  return new ExploreError(
    "EXPLORE_WORLD_UNUSABLE",
    `The world cannot be used any more, since a rollback failed:\n  ${cause.message}\n` +
      "What its systems hold now belongs to no branch. Cure the failure above and run again.",
    { cause, details: { reason: cause.code } },
  );
}

function weakestHistory(adapters: readonly Adapter[]): World["history"] {
  return adapters.every(({ capabilities }) => capabilities.history === "tree") ? "tree" : "stack";
}

function asExploreError(error: unknown): ExploreError {
  if (isExploreError(error)) return error;
  return new ExploreError("EXPLORE_BUG", `An adapter threw a foreign error: ${String(error)}`, {
    cause: error,
  });
}
