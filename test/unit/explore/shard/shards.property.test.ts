import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Invariant } from "../../../../src/explore/model.ts";
import { STRATEGIES } from "../../../../src/explore/strategies/index.ts";
import { encodePath, type Path } from "../../../../src/trace/path-codec.ts";
import {
  createToy,
  tableActions,
  throwing,
  type ToyArgs,
  type ToyMark,
} from "../../../support/toy-graph.ts";
import { runToy, type Told, type ToyOptions } from "../../../support/toy-run.ts";

const names = Object.keys(STRATEGIES) as (keyof typeof STRATEGIES)[];

/** Up to 40 states and 4 actions: enough for levels that are worth dividing. */
const tables = fc
  .record({ states: fc.integer({ min: 1, max: 40 }), actions: fc.integer({ min: 1, max: 4 }) })
  .chain(({ states, actions }) => {
    const target = fc.option(fc.nat(states - 1), { nil: undefined, freq: 5 });
    const row = fc.array(target, { minLength: actions, maxLength: actions });
    return fc.array(row, { minLength: states, maxLength: states });
  });

const searches = fc.record({
  table: tables,
  count: fc.integer({ min: 2, max: 5 }),
  depth: fc.integer({ min: 1, max: 8 }),
  seed: fc.integer(),
  strategy: fc.constantFrom(...names),
  history: fc.constantFrom("stack" as const, "tree" as const),
  bad: fc.array(fc.integer({ min: 1, max: 39 }), { maxLength: 4 }),
  throws: fc.boolean(),
  written: fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }), { maxLength: 2 }),
});

type Search = typeof searches extends fc.Arbitrary<infer S> ? S : never;

function optionsOf(given: Search): ToyOptions<ToyArgs, ToyMark> & { readonly live: () => number } {
  const { table, depth, seed, strategy, history, bad, throws, written } = given;
  const toy = createToy(history);
  const actions = tableActions(table);
  if (throws) actions.push(throwing("throws", () => "thrown"));
  const isGood: Invariant<ToyArgs> = {
    name: "good",
    expectation: "always",
    holds: ({ state }) => !bad.includes(state),
  };
  return {
    live: toy.live,
    subject: toy.subject,
    actions,
    invariants: [isGood],
    strategy: STRATEGIES[strategy],
    seed,
    budget: { depth },
    written: written.filter((path) => path.every((action) => action < actions.length)),
  };
}

function runShards(given: Search): Promise<readonly Told[]> {
  const { count } = given;
  const indexes = Array.from({ length: count }, (_, index) => index + 1);
  return Promise.all(
    indexes.map(async (index) => {
      const { live, ...options } = optionsOf(given);
      const told = await runToy({ ...options, shard: { index, count } });
      expect(live()).toBe(1);
      return told;
    }),
  );
}

function transitionsOf(shards: readonly Told[]): readonly string[] {
  const all = shards.flatMap(({ summary }) => summary.shard?.transitions ?? []);
  return [...new Set(all.map(({ from, action }) => `${from}/${action}`))].toSorted();
}

/** What a whole search runs, as a shard of one would tell it. */
async function whole(given: Search): Promise<Told> {
  const { live: _, ...options } = optionsOf(given);
  return runToy({ ...options, shard: { index: 1, count: 1 } });
}

test("what the shards report is reported once", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const shards = await runShards(given);

      const paths = shards.flatMap(({ finished }) => finished.map(({ branch }) => branch.name));
      expect(paths.toSorted()).toEqual([...new Set(paths)].toSorted());
    }),
    { numRuns: 80 },
  );
});

test("the shards run what the whole search runs, and none of them more", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const one = await whole(given);
      const shards = await runShards(given);

      expect(transitionsOf(shards)).toEqual(transitionsOf([one]));
      for (const { summary } of shards) {
        expect(summary).toMatchObject({ complete: true, unexplored: 0 });
        expect(summary.transitions).toBeLessThanOrEqual(one.summary.transitions);
      }
    }),
    { numRuns: 80 },
  );
});

test("what a whole breadth-first search reports is told by the shortest path that any shard knows", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (drawn) => {
      const given = { ...drawn, strategy: "breadthFirst" as const };
      const one = await runToy(withoutLive(given));
      const shards = await runShards(given);

      expect(mergedBranches(given, shards)).toEqual(mergedBranches(given, [one]));
      expect(mergedBranches(given, [one])).toHaveLength(one.finished.length);
    }),
    { numRuns: 80 },
  );
});

test("the shards find the failures of the whole search, each at its shortest", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (drawn) => {
      const given = { ...drawn, strategy: "breadthFirst" as const };

      expect(shortestFailures(await runShards(given))).toEqual(
        shortestFailures([await runToy(withoutLive(given))]),
      );
    }),
    { numRuns: 80 },
  );
});

test("the first level to be divided is run alike by all shards before", async () => {
  await fc.assert(
    fc.asyncProperty(searches, async (given) => {
      const shards = await runShards(given);

      const common = shards.map(({ summary }) =>
        summary.shard?.transitions.filter((transition) => transition.common),
      );
      for (const each of common) expect(each).toEqual(common[0]);
    }),
  );
});

function withoutLive(given: Search): ToyOptions<ToyArgs, ToyMark> {
  const { live: _, ...options } = optionsOf(given);
  return options;
}

/** Of the branches that are one transition the one with the first of the shortest paths. */
function mergedBranches({ table, written }: Search, shards: readonly Told[]): readonly string[] {
  const asked = new Set(written.map(encodePath));
  const byTransition = new Map<string, Path>();
  for (const { branch } of shards.flatMap(({ finished }) => finished)) {
    const { path } = branch;
    const from = path
      .slice(0, -1)
      .reduce<number>((at, action) => table[at]?.[Number(action)] ?? NaN, 0);
    const key = asked.has(encodePath(path)) ? encodePath(path) : `${from} by ${path.at(-1)}`;
    const known = byTransition.get(key);
    if (known === undefined || isBefore(path, known)) byTransition.set(key, path);
  }
  return [...byTransition.values()].map(encodePath).toSorted();
}

function isBefore(a: Path, b: Path): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((action, index) => action !== b[index]);
  return at !== -1 && Number(a[at]) < Number(b[at]);
}

function shortestFailures(shards: readonly Told[]): Readonly<Record<string, number>> {
  const shortest: Record<string, number> = {};
  for (const { failure, branch } of shards.flatMap(({ finished }) => finished)) {
    if (failure === undefined) continue;
    const rule = `${failure.kind} ${failure.invariant ?? ""}`;
    shortest[rule] = Math.min(shortest[rule] ?? Infinity, branch.path.length);
  }
  return shortest;
}
