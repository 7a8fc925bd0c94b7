import type { Edge, Strategy } from "../frontier.ts";
import type { State } from "../graph.ts";

interface Choice {
  readonly from: State;
  readonly edges: Edge[];
  /** Its place in the list of all choices. */
  slot: number;
}

/**
 * Walks on with a random edge of the state just reached; where none is left, starts again from a
 * random state that has one. Meets deep states early; says nothing about the length of a path.
 */
export const randomWalk: Strategy = (seed) => {
  const below = numbersFrom(seed);
  const choices: Choice[] = [];
  const choiceAt = new Map<State, Choice>();

  function forget({ from, slot }: Choice): void {
    choiceAt.delete(from);
    const last = choices.pop();
    // The last one moves into the gap: removing from the middle would be O(n).
    if (last === undefined || last.from === from) return;
    last.slot = slot;
    choices[slot] = last;
  }

  return {
    push: (more) => {
      for (const edge of more) {
        const known = choiceAt.get(edge.from);
        if (known !== undefined) {
          known.edges.push(edge);
          continue;
        }
        const choice: Choice = { from: edge.from, edges: [edge], slot: choices.length };
        choices.push(choice);
        choiceAt.set(edge.from, choice);
      }
    },
    pop: (here) => {
      const going = here === undefined ? undefined : choiceAt.get(here);
      const choice = going ?? choices[below(choices.length)];
      if (choice === undefined) return undefined;
      const { edges } = choice;
      const [edge] = edges.splice(below(edges.length), 1);
      if (edges.length === 0) forget(choice);
      return edge;
    },
    // Which of them is next is left to chance; where the walk goes on is not.
    peek: (here, most) => {
      const going = here === undefined ? undefined : choiceAt.get(here);
      const soon = [...(going?.edges ?? [])];
      for (const choice of choices) {
        if (soon.length >= most) break;
        if (choice !== going) soon.push(...choice.edges);
      }
      return soon.slice(0, most);
    },
  };
};

/**
 * Returns a source of numbers from 0 to below a limit.
 *
 * @see "mulberry32" by Tommy Ettinger: 32 bits of state pass the usual tests of randomness.
 */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
