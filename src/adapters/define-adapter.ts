import { ExploreError } from "../errors.ts";
import type { Adapter, Capabilities, Checkpoint, Diff, Isolation, Observation } from "./adapter.ts";
import { foreignFailure } from "./foreign-failure.ts";

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
  /** Only for systems that write to others: see `Adapter.settle`. */
  readonly settle?: () => Promise<void> | void;
  readonly restore: (saved: Saved) => Promise<void> | void;
  /** Frees what `save` holds. Not called for checkpoints that a stack has discarded. */
  readonly forget?: (saved: Saved) => Promise<void> | void;
  readonly observe: (onText?: (text: string) => void) => Promise<Observation> | Observation;
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
  const lifecycle = createLifecycle(name, hooks);
  const live = new Map<number, { readonly saved: Saved }>();
  let nextId = 0;

  function entry(verb: string, { id }: Checkpoint): { readonly saved: Saved } {
    lifecycle.opened(verb);
    const found = live.get(id);
    if (found === undefined) throw checkpointUnknown(`${name}: cannot ${verb}`, id, live);
    return found;
  }

  return {
    name,
    get capabilities(): Capabilities {
      return lifecycle.opened("capabilities").capabilities;
    },
    open: lifecycle.open,
    checkpoint: async () => {
      lifecycle.opened("checkpoint");
      const saved = await guard(name, "checkpoint", hooks.save);
      const id = nextId++;
      live.set(id, { saved });
      return { id };
    },
    rollback: async (to) => {
      const { saved } = entry("roll back to", to);
      await guard(name, "rollback", () => hooks.restore(saved));
      if (lifecycle.opened("rollback").capabilities.history === "tree") return;
      for (const id of live.keys()) if (id > to.id) live.delete(id);
    },
    settle: async () => {
      lifecycle.opened("settle");
      await guard(name, "settle", () => hooks.settle?.());
    },
    release: async (checkpoint) => {
      const { saved } = entry("release", checkpoint);
      live.delete(checkpoint.id);
      await guard(name, "release", () => hooks.forget?.(saved));
    },
    observe: async (onText) => {
      lifecycle.opened("observe");
      return guard(name, "observe", () => hooks.observe(onText));
    },
    diff: async (since) => {
      const { saved } = entry("compare with", since);
      return guard(name, "diff", () => hooks.diff(saved));
    },
    [Symbol.asyncDispose]: () => {
      live.clear();
      return lifecycle.close();
    },
  };
}

interface Lifecycle {
  readonly open: () => Promise<Isolation>;
  /** What `open` told; throws when `verb` comes before it or after `close`. */
  readonly opened: (verb: string) => Opened;
  readonly close: () => Promise<void>;
}

function createLifecycle<Saved>(name: string, hooks: AdapterHooks<Saved>): Lifecycle {
  let phase: "new" | "open" | "closed" = "new";
  let told: Opened | undefined;
  return {
    open: async () => {
      if (phase !== "new") {
        throw new ExploreError("EXPLORE_BUG", `${name}: open was called while ${phase}.`);
      }
      told = await guard(name, "open", hooks.open);
      phase = "open";
      return told.isolation;
    },
    opened: (verb) => {
      if (phase === "open" && told !== undefined) return told;
      throw new ExploreError(
        "EXPLORE_BUG",
        `${name}: ${verb} was called while the adapter is ${phase}.`,
      );
    },
    close: async () => {
      if (phase === "closed") return;
      phase = "closed";
      await guard(name, "close", hooks.close);
    },
  };
}

/**
 * Runs a verb of a system.
 *
 * @throws ExploreError `EXPLORE_ADAPTER_FAILED` with the driver's error as `cause`; one of ours as it
 * is.
 */
export async function guard<T>(name: string, verb: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw foreignFailure(name, verb, cause);
  }
}

function checkpointUnknown(
  what: string,
  id: number,
  live: ReadonlyMap<number, unknown>,
): ExploreError {
  const ids = [...live.keys()];
  return new ExploreError(
    "EXPLORE_CHECKPOINT_UNKNOWN",
    `${what} checkpoint ${id}: live checkpoints are [${ids.join(", ")}].\n` +
      "It was released, or discarded when the system was rolled back past it.",
    { details: { id, live: ids } },
  );
}
