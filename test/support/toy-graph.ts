import type { Action, Subject } from "../../src/explore/model.ts";

/** What the actions of a toy receive: a number to read and to write. */
export interface ToyArgs {
  state: number;
}

/** A toy's checkpoint. */
export interface ToyMark {
  readonly id: number;
  readonly state: number;
}

/** A subject whose whole world is one number, and what was done to it. */
export interface Toy {
  readonly subject: Subject<ToyArgs, ToyMark>;
  readonly world: ToyArgs;
  readonly live: () => number;
  readonly mostLive: () => number;
}

/**
 * Makes a subject in memory that refuses what a real one could not do: with history `stack`, a mark
 * that a rollback has passed is gone; a mark that was released is gone in either case.
 */
export function createToy(history: "stack" | "tree", initial = 0): Toy {
  const world: ToyArgs = { state: initial };
  const live = new Map<number, ToyMark>();
  let nextId = 0;
  let mostLive = 0;

  function need(mark: ToyMark, verb: string): void {
    if (live.has(mark.id)) return;
    throw new Error(`cannot ${verb} mark ${mark.id}: live are [${[...live.keys()].join(", ")}]`);
  }

  return {
    world,
    live: () => live.size,
    mostLive: () => mostLive,
    subject: {
      history,
      checkpoint: () => {
        const mark = { id: nextId, state: world.state };
        nextId += 1;
        live.set(mark.id, mark);
        mostLive = Math.max(mostLive, live.size);
        return mark;
      },
      rollback: (to) => {
        need(to, "rollback to");
        world.state = to.state;
        if (history === "tree") return;
        for (const id of live.keys()) if (id > to.id) live.delete(id);
      },
      release: (mark) => {
        need(mark, "release");
        if (history === "stack" && [...live.keys()].some((id) => id > mark.id)) {
          throw new Error(`releasing mark ${mark.id} would release those above it`);
        }
        live.delete(mark.id);
      },
      fingerprint: () => `s${world.state}`,
      args: () => world,
    },
  };
}

/** A graph of states by number: `table[state][action]` is the next state, `undefined` disabled. */
export type Table = readonly (readonly (number | undefined)[])[];

/** The actions `a`, `b`, `c`… of a table. */
export function tableActions(table: Table): Action<ToyArgs>[] {
  const count = Math.max(0, ...table.map((row) => row.length));
  return Array.from({ length: count }, (_, action) => ({
    name: String.fromCodePoint(97 + action),
    enabled: ({ state }) => table[state]?.[action] !== undefined,
    run: (world: ToyArgs) => {
      const to = table[world.state]?.[action];
      if (to === undefined) throw new Error(`not enabled in ${world.state}`);
      world.state = to;
    },
  }));
}

/** An action that throws after it has written what no other branch must see. */
export function throwing(name: string, message: () => string): Action<ToyArgs> {
  return {
    name,
    run: (world) => {
      world.state = 99;
      throw new Error(message());
    },
  };
}
