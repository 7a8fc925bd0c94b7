import { ExploreError, isExploreError } from "../errors.ts";
import type { Adapter, Capabilities, Checkpoint, Diff, Isolation, Observation } from "./adapter.ts";

/** What `open` tells about the system: how it will be rolled back and what that can undo. */
export interface Opened {
  readonly isolation: Isolation;
  readonly capabilities: Capabilities;
}

/**
 * What an adapter author writes. Hooks are called one at a time, only between `open` and `close`,
 * and only with values that an earlier `save` returned and that are still live.
 *
 * @typeParam Saved - What the adapter needs to find a checkpoint again.
 */
export interface AdapterHooks<Saved> {
  readonly open: () => Promise<Opened> | Opened;
  readonly save: () => Promise<Saved> | Saved;
  readonly restore: (saved: Saved) => Promise<void> | void;
  /** Frees what `save` holds. Not called for checkpoints that a stack has discarded. */
  readonly forget?: (saved: Saved) => Promise<void> | void;
  readonly observe: () => Promise<Observation> | Observation;
  readonly diff: (since: Saved) => Promise<Diff> | Diff;
  /** Called once, also when `open` failed half-way. */
  readonly close: () => Promise<void> | void;
}

/**
 * Turns hooks into an adapter: arguments, lifecycle, bookkeeping of live checkpoints and error text
 * exist here once for all backends.
 *
 * @throws ExploreError `EXPLORE_ADAPTER_FAILED` from any verb, with the driver's error as `cause`,
 * unless the hook threw an `ExploreError` itself.
 */
export function defineAdapter<Saved>(name: string, hooks: AdapterHooks<Saved>): Adapter {
  const live = new Map<number, Saved>();
  let opened: Opened | undefined;
  let phase: "new" | "open" | "closed" = "new";
  let nextId = 0;

  async function guard<T>(verb: string, run: () => Promise<T> | T): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      throw isExploreError(cause) ? cause : adapterFailed(name, verb, cause);
    }
  }

  function requireOpen(verb: string): Opened {
    if (phase === "open" && opened !== undefined) return opened;
    throw new ExploreError(
      "EXPLORE_BUG",
      `${name}: ${verb} was called while the adapter is ${phase}.`,
    );
  }

  function saved(checkpoint: Checkpoint, verb: string): Saved {
    requireOpen(verb);
    if (!live.has(checkpoint.id)) {
      throw checkpointUnknown(name, verb, checkpoint, [...live.keys()]);
    }
    return live.get(checkpoint.id) as Saved;
  }

  async function close(): Promise<void> {
    if (phase === "closed") return;
    phase = "closed";
    live.clear();
    await guard("close", hooks.close);
  }

  return {
    name,
    get capabilities(): Capabilities {
      return requireOpen("capabilities").capabilities;
    },
    open: async () => {
      if (phase !== "new") {
        throw new ExploreError("EXPLORE_BUG", `${name}: open was called while ${phase}.`);
      }
      opened = await guard("open", hooks.open);
      phase = "open";
      return opened.isolation;
    },
    checkpoint: async () => {
      requireOpen("checkpoint");
      const state = await guard("checkpoint", hooks.save);
      const id = nextId++;
      live.set(id, state);
      return { id };
    },
    rollback: async (to) => {
      const state = saved(to, "rollback");
      await guard("rollback", () => hooks.restore(state));
      if (opened?.capabilities.history === "tree") return;
      for (const id of live.keys()) if (id > to.id) live.delete(id);
    },
    release: async (checkpoint) => {
      const state = saved(checkpoint, "release");
      live.delete(checkpoint.id);
      await guard("release", () => hooks.forget?.(state));
    },
    observe: async () => {
      requireOpen("observe");
      return guard("observe", hooks.observe);
    },
    diff: async (since) => {
      const state = saved(since, "diff");
      return guard("diff", () => hooks.diff(state));
    },
    [Symbol.asyncDispose]: close,
  };
}

function adapterFailed(name: string, verb: string, cause: unknown): ExploreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExploreError("EXPLORE_ADAPTER_FAILED", `${name}: ${verb} failed: ${reason}`, {
    cause,
    details: { system: name, verb },
  });
}

function checkpointUnknown(
  name: string,
  verb: string,
  { id }: Checkpoint,
  live: readonly number[],
): ExploreError {
  return new ExploreError(
    "EXPLORE_CHECKPOINT_UNKNOWN",
    `${name}: cannot ${verb} checkpoint ${id}: live checkpoints are [${live.join(", ")}].\n` +
      "It was released, or discarded when the system was rolled back past it.",
    { details: { system: name, verb, id, live } },
  );
}
