import { explore, type ExploreOptions } from "../src/explore/explore.ts";
import type { Shard } from "../src/explore/shard/shard.ts";
import { breadthFirst } from "../src/explore/strategies/breadth-first.ts";
import type { Bench } from "./bench.ts";
import { carts, type Graph, grid, lattice, orders, random, tree } from "./shard-graphs.ts";

const COUNTS = [2, 4, 8] as const;

const GRAPHS: readonly Graph[] = [
  tree({ actions: 4, depth: 6 }),
  random({ states: 20_000, actions: 6, depth: 5 }),
  carts({ depth: 7 }),
  lattice({ actions: 8, depth: 6 }),
  orders({ depth: 9 }),
  random({ states: 2_000, actions: 8, depth: 40 }),
  grid({ sides: 5, size: 4, depth: 30 }),
];

/** How much of the work of an exploration is left for each of several machines, and how much is done twice. */
export const bench: Bench = {
  title: "One exploration on several machines",
  run: async () => ({
    columns: [
      "states and their actions",
      "transitions",
      ...COUNTS.map((count) => `${count} shards: longest, total`),
      "4 shards, each from its own first actions",
    ],
    rows: await Promise.all(GRAPHS.map(rowOf)),
    notes: [
      "Transitions that the longest shard runs, and all shards together, as a part of what one machine runs: 0.25 and 1 would be four machines without any work done twice.",
      "Counted, not timed: the same on every machine.",
      "The last column is the plain way for comparison: each shard takes some of the actions that can be first.",
    ],
    aims: [],
  }),
};

async function rowOf(graph: Graph): Promise<readonly (string | number)[]> {
  const whole = await transitions(graph, { index: 1, count: 1 });
  const parts: string[] = [];
  for (const count of COUNTS) {
    const indexes = Array.from({ length: count }, (_, at) => at + 1);
    const each = await Promise.all(indexes.map((index) => transitions(graph, { index, count })));
    parts.push(told(each, whole));
  }
  return [graph.name, whole, ...parts, told(fromFirstActions(graph, 4), whole)];
}

function told(each: readonly number[], whole: number): string {
  const total = each.reduce((sum, one) => sum + one, 0);
  return `${(Math.max(...each) / whole).toFixed(2)}, ${(total / whole).toFixed(1)}`;
}

interface World {
  state: string;
}

async function transitions(graph: Graph, shard: Shard): Promise<number> {
  const world: World = { state: graph.root };
  const options: ExploreOptions<World, string> = {
    subject: {
      history: "tree",
      checkpoint: () => world.state,
      rollback: (state) => void (world.state = state),
      release: () => {},
      fingerprint: () => world.state,
      args: () => world,
    },
    actions: Array.from({ length: graph.actions }, (_, action) => ({
      name: `action ${action}`,
      enabled: ({ state }: World) => graph.next(state, action) !== undefined,
      run: (at: World) => void (at.state = graph.next(at.state, action) ?? at.state),
    })),
    invariants: [],
    strategy: breadthFirst,
    seed: 0,
    budget: { depth: graph.depth },
    signal: new AbortController().signal,
    shard,
  };
  const search = explore(options);
  for (;;) {
    const step = await search.next();
    if (step.done === true) return step.value.transitions;
  }
}

/** How many transitions each shard would run that takes some of the first actions and all beyond them. */
function fromFirstActions({ root, actions, depth, next }: Graph, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const seen = new Set([root]);
    let level = [root];
    let run = 0;
    for (let at = 0; at < depth && level.length > 0; at += 1) {
      const found: string[] = [];
      for (const state of level) {
        for (let action = 0; action < actions; action += 1) {
          const to = at === 0 && action % count !== index ? undefined : next(state, action);
          if (to === undefined) continue;
          run += 1;
          if (!seen.has(to)) found.push(to);
          seen.add(to);
        }
      }
      level = found;
    }
    return run;
  });
}
