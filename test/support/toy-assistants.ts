import { createAssistant } from "../../src/explore/assistants/create-assistant.ts";
import type { Assistant } from "../../src/explore/assistants/errand.ts";
import type { ExploreOptions } from "../../src/explore/explore.ts";

/** How an assistant behaves. */
export interface Manner {
  /** Turns of the event loop before an answer, errand by errand, over and over; none when absent. */
  readonly turns?: readonly number[];
  /** After so many errands it is gone. */
  readonly dies?: number;
  /** After so many errands it answers no more. */
  readonly sleeps?: number;
}

/** An assistant in the same process, and what became of it. */
export interface ToyAssistant {
  readonly coming: Promise<Assistant>;
  readonly errands: () => number;
  readonly passed: () => number;
  /** Waits for what it has begun, and gives its checkpoints up. */
  readonly close: () => Promise<void>;
}

/** Makes an assistant with a toy of its own. */
export function toyAssistant<Args, Mark>(
  options: ExploreOptions<Args, Mark>,
  { turns = [0], dies = Infinity, sleeps = Infinity }: Manner = {},
): ToyAssistant {
  let errands = 0;
  let passed = 0;
  const working = createAssistant({ ...options, tellAll: options.trace !== undefined });
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  }

  const coming = working.then(({ fingerprint, run, release }): Assistant => ({
    fingerprint,
    run: (errand) => {
      errands += 1;
      const mine = errands;
      if (mine > sleeps) return new Promise(() => {});
      return inTurn(async () => {
        if (mine > dies) throw new Error("gone");
        // Like a message: plain data, and some time later.
        const result = await run(structuredClone(errand));
        for (let turn = turns[mine % turns.length] ?? 0; turn > 0; turn -= 1) await nextTurn();
        if (result !== undefined) passed += 1;
        return structuredClone(result);
      });
    },
    release: (state) => void inTurn(() => release(state)),
  }));
  return {
    coming,
    errands: () => errands,
    passed: () => passed,
    close: async () => {
      await last;
      await (await working).close();
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
