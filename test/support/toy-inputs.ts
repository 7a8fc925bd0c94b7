import type { Action, Input, InputSource, Subject } from "../../src/explore/model.ts";
import { createToy, type ToyArgs, type ToyMark } from "./toy-graph.ts";

/** What the actions of a toy with inputs receive. */
export interface ToyInputArgs extends ToyArgs {
  readonly input?: unknown;
}

/** A toy whose actions receive their input beside the number; `taken` are all inputs, in order. */
export function createInputToy(history: "stack" | "tree"): {
  readonly subject: Subject<ToyInputArgs, ToyMark>;
  readonly taken: readonly string[];
} {
  const { subject, world } = createToy(history);
  const taken: string[] = [];
  return {
    taken,
    subject: {
      ...subject,
      args: ({ input }) => {
        if (input !== undefined) taken.push(`${input.text()} in ${world.state}`);
        return {
          input: input?.value(),
          get state() {
            return world.state;
          },
          set state(state) {
            world.state = state;
          },
        };
      },
    },
  };
}

/** A number as input: half of it, or one less, is simpler. */
export function numberInput(value: number): Input {
  return {
    key: String(value),
    text: () => String(value),
    value: () => value,
    simpler: () =>
      [...new Set([0, Math.floor(value / 2), value - 1])]
        .filter((other) => other >= 0 && other < value)
        .map(numberInput),
  };
}

/**
 * An action for each sample.
 *
 * @param inputs - The inputs of the samples in a state.
 */
export function givenNumbers(
  action: Action<ToyInputArgs>,
  samples: number,
  inputs: (state: number) => readonly number[],
): Action<ToyInputArgs>[] {
  const inState = (fingerprint: string): readonly number[] => inputs(Number(fingerprint.slice(1)));
  return Array.from({ length: samples }, (_, sample) => {
    const input: InputSource = {
      at: (fingerprint) => numberInput(inState(fingerprint)[sample] ?? NaN),
      isRepeated: (fingerprint) => {
        const values = inState(fingerprint);
        return values.indexOf(values[sample] ?? NaN) !== sample;
      },
      of: (key) => numberInput(Number(key)),
    };
    return { ...action, name: `${action.name} #${sample + 1}`, specName: action.name, input };
  });
}
