import * as fc from "fast-check";
import { expect, test } from "vitest";
import { STRATEGIES } from "../../../src/explore/strategies/index.ts";
import { withoutInputs } from "../../../src/trace/path-codec.ts";
import { askingLast } from "../../support/asking-last.ts";
import { createToy, tableActions, type Table } from "../../support/toy-graph.ts";
import { runToy, type Told } from "../../support/toy-run.ts";

const strategies = { ...STRATEGIES, askingLast };
type StrategyName = keyof typeof strategies;
const names = Object.keys(strategies) as StrategyName[];
const histories = ["stack", "tree"] as const;

/** Up to 12 states and 4 actions; about a third of them disabled; any cycle, loop or dead end. */
const tables = fc
  .record({ states: fc.integer({ min: 1, max: 12 }), actions: fc.integer({ min: 1, max: 4 }) })
  .chain(({ states, actions }) => {
    const target = fc.option(fc.nat(states - 1), { nil: undefined, freq: 2 });
    const row = fc.array(target, { minLength: actions, maxLength: actions });
    return fc.array(row, { minLength: states, maxLength: states });
  });

const searches = fc.record({
  table: tables,
  depth: fc.integer({ min: 0, max: 7 }),
  seed: fc.integer(),
  strategy: fc.constantFrom(...names),
  history: fc.constantFrom(...histories),
});

interface Search {
  readonly table: Table;
  readonly depth: number;
  readonly seed: number;
  readonly strategy: StrategyName;
  readonly history: "stack" | "tree";
}

interface Explored extends Told {
  readonly live: number;
  readonly mostLive: number;
  /** `state/action`, each once, sorted. */
  readonly transitions: readonly string[];
}

async function search({ table, depth, seed, strategy, history }: Search): Promise<Explored> {
  const toy = createToy(history);
  const told = await runToy({
    subject: toy.subject,
    actions: tableActions(table),
    strategy: strategies[strategy],
    seed,
    budget: { depth },
  });
  const transitions = told.finished.map(({ branch: { path } }) => {
    const from = withoutInputs(path.slice(0, -1)).reduce(
      (state, action) => table[state]?.[action] ?? NaN,
      0,
    );
    return `${from}/${path.at(-1)}`;
  });
  return {
    ...told,
    live: toy.live(),
    mostLive: toy.mostLive(),
    transitions: transitions.toSorted(),
  };
}

/** What must be found, by the textbook: levels of states, and every transition that leaves them. */
function expected(
  table: Table,
  depth: number,
): { depths: Map<number, number>; transitions: string[] } {
  const depths = new Map([[0, 0]]);
  const transitions: string[] = [];
  let level = [0];
  for (let distance = 0; distance < depth; distance += 1) {
    const nextLevel: number[] = [];
    for (const state of level) {
      for (const [action, to] of (table[state] ?? []).entries()) {
        if (to === undefined) continue;
        transitions.push(`${state}/${action}`);
        if (depths.has(to)) continue;
        depths.set(to, distance + 1);
        nextLevel.push(to);
      }
    }
    level = nextLevel;
  }
  return { depths, transitions: transitions.toSorted() };
}

test("every strategy on every history runs each transition within the depth exactly once", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const { summary, transitions } = await search(given);
      const { depths, transitions: all } = expected(given.table, given.depth);

      expect(transitions).toEqual(all);
      expect(summary).toMatchObject({
        outcome: "exhausted",
        complete: true,
        unexplored: 0,
        states: depths.size,
        transitions: all.length,
        depth: Math.max(...depths.values()),
        failures: [],
      });
    }),
    { numRuns: 600 },
  );
});

test("breadth-first paths are shortest", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const { finished } = await search({ ...given, strategy: "breadthFirst" });
      const { depths } = expected(given.table, given.depth);

      for (const { branch } of finished) {
        const from = withoutInputs(branch.path.slice(0, -1));
        const state = from.reduce((at, action) => given.table[at]?.[action] ?? NaN, 0);
        expect(from).toHaveLength(depths.get(state) ?? NaN);
      }
    }),
  );
});

test("no path is longer than the depth, and its steps are the names of its actions", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const { finished } = await search(given);

      for (const { branch } of finished) {
        expect(branch.path.length).toBeLessThanOrEqual(given.depth);
        expect(branch.steps).toEqual(withoutInputs(branch.path).map((action) => "abcd"[action]));
        expect(branch.name).toBe(branch.steps.join(" → "));
      }
    }),
  );
});

test("each branch is started once and then finished, under a name of its own", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const { records } = await search(given);

      const started = records.filter(({ type }) => type === "branch-started");
      expect(new Set(started.map(({ branch }) => branch.name)).size).toBe(started.length);
      expect(records).toHaveLength(started.length * 2);
      for (const [index, { branch }] of started.entries()) {
        expect(records[index * 2]).toBe(started[index]);
        expect(records[index * 2 + 1]).toMatchObject({ type: "branch-finished", branch });
      }
    }),
  );
});

test("two runs tell the same", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const [first, second] = [await search(given), await search(given)];

      expect(second.order).toEqual(first.order);
      // All but how long it took.
      expect({ ...second.summary, timings: [] }).toEqual({ ...first.summary, timings: [] });
    }),
  );
});

test("only the initial state's checkpoint is left, and few are live at a time", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const { live, mostLive, summary } = await search(given);

      expect(live).toBe(1);
      // A state has one checkpoint at most; depth first on a stack, only those on the way here have.
      const isNarrow = given.strategy === "depthFirst" && given.history === "stack";
      expect(mostLive).toBeLessThanOrEqual(isNarrow ? given.depth + 1 : summary.states);
    }),
  );
});

test("a tree's checkpoints are those of states with edges left to run", async () => {
  const line: Table = [[1], [2], [3], [4], [5], []];
  for (const strategy of names) {
    const { mostLive } = await search({
      table: line,
      depth: 9,
      seed: 1,
      strategy,
      history: "tree",
    });
    // The initial state's, that of the state being left, and that of the state just reached.
    expect(mostLive).toBe(3);
  }
});
