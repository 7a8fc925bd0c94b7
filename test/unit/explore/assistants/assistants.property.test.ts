import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Action, Invariant, Recording } from "../../../../src/explore/model.ts";
import { STRATEGIES } from "../../../../src/explore/strategies/index.ts";
import { askingLast } from "../../../support/asking-last.ts";
import { type Manner, toyAssistant } from "../../../support/toy-assistants.ts";
import {
  createToy,
  tableActions,
  type Table,
  type ToyArgs,
  type ToyMark,
} from "../../../support/toy-graph.ts";
import { runToy, toyOptions, type ToyOptions } from "../../../support/toy-run.ts";

const strategies = { ...STRATEGIES, askingLast };

interface Somewhere {
  readonly state: number;
  readonly action: number;
}

/** An app, with failures of every kind that a search can tell. */
interface App {
  readonly table: Table;
  readonly throws: readonly Somewhere[];
  readonly enabledThrows: readonly Somewhere[];
  readonly forbidden: readonly number[];
  readonly seen: readonly number[];
  /** A state that no branch may start in, says a hook; it is asked of reported branches only. */
  readonly closed: number;
}

/** Up to 10 states and 4 actions. */
const apps: fc.Arbitrary<App> = fc
  .record({ states: fc.integer({ min: 1, max: 10 }), actions: fc.integer({ min: 1, max: 4 }) })
  .chain(({ states, actions }) => {
    const state = fc.nat(states - 1);
    const target = fc.option(state, { nil: undefined, freq: 3 });
    const row = fc.array(target, { minLength: actions, maxLength: actions });
    const somewhere = fc.record({ state, action: fc.nat(actions - 1) });
    return fc.record({
      table: fc.array(row, { minLength: states, maxLength: states }),
      throws: fc.array(somewhere, { maxLength: 3 }),
      enabledThrows: fc.array(somewhere, { maxLength: 1 }),
      forbidden: fc.array(state, { maxLength: 2 }),
      seen: fc.array(state, { maxLength: 2 }),
      closed: fc.nat(19),
    });
  });

/** Answer in any order, die, or fall asleep. */
const manners: fc.Arbitrary<Manner> = fc.record(
  {
    turns: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
    dies: fc.nat(12),
    sleeps: fc.nat(12),
  },
  { requiredKeys: ["turns"] },
);

interface Given {
  readonly app: App;
  readonly depth: number;
  readonly seed: number;
  readonly strategy: keyof typeof strategies;
  readonly history: "stack" | "tree";
  readonly maxTransitions: number | undefined;
  /** Report branches whose names have so many characters, modulo 3. */
  readonly only: number | undefined;
  readonly earlier: readonly number[];
  readonly retry: number;
  /** Of two; a shard goes with no selection. */
  readonly shard: number | undefined;
  readonly tell: boolean;
}

const searches: fc.Arbitrary<Given> = fc.record({
  app: apps,
  depth: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer(),
  strategy: fc.constantFrom(...(Object.keys(strategies) as (keyof typeof strategies)[])),
  history: fc.constantFrom("stack" as const, "tree" as const),
  maxTransitions: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  only: fc.option(fc.nat(2), { nil: undefined }),
  earlier: fc.array(fc.constant(0), { maxLength: 3 }),
  retry: fc.nat(1),
  shard: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
  tell: fc.boolean(),
});

function isAt(list: readonly Somewhere[], at: number, action: number): boolean {
  return list.some((each) => each.state === at && each.action === action);
}

function actionsOf({ table, throws, enabledThrows }: App): readonly Action<ToyArgs>[] {
  return tableActions(table).map(({ name, run }, action) => ({
    name,
    enabled: ({ state }) => {
      if (isAt(enabledThrows, state, action)) throw new Error(`asked in ${state}`);
      return table[state]?.[action] !== undefined;
    },
    run: (world) => {
      const { state } = world;
      if (isAt(throws, state, action)) world.state = 99;
      else run(world);
      if (world.state === 99) throw new Error("thrown");
    },
  }));
}

function invariantsOf({ forbidden, seen }: App): readonly Invariant<ToyArgs>[] {
  return [
    { name: "never", expectation: "always", holds: ({ state }) => !forbidden.includes(state) },
    ...seen.map((wanted, index): Invariant<ToyArgs> => ({
      name: `once ${index}`,
      expectation: "sometimes",
      holds: ({ state }) => state === wanted,
    })),
  ];
}

function optionsOf(given: Given): ToyOptions<ToyArgs, ToyMark> {
  const { app, depth, seed, strategy, history, maxTransitions, earlier, retry, shard, tell } =
    given;
  const only = shard === undefined ? given.only : undefined;
  const head = {
    exploration: { module: "toy.test.ts", name: "toy" },
    settings: { depth, seed, strategy },
  };
  return {
    subject: { ...createToy(history).subject, record },
    actions: actionsOf(app),
    invariants: invariantsOf(app),
    strategy: strategies[strategy],
    seed,
    // A sleeping assistant is waited for no longer than that.
    budget: { depth, stepTimeoutMs: 1, ...(maxTransitions && { maxTransitions }) },
    ...(only !== undefined && { only: (branch: string) => branch.length % 3 === only }),
    beforeBranch: ({ state }) => {
      if (state === app.closed) throw new Error("closed");
    },
    ...(earlier.length > 0 && { written: [earlier] }),
    retry,
    ...(shard && { shard: { index: shard, count: 2 } }),
    ...(tell && { trace: head }),
  };
}

function record(): Recording {
  return {
    begin: () => {},
    acted: () => {},
    facts: () => undefined,
    text: (text) => text,
    end: async ({ number, action }) => ({ number, action, exchanges: [], output: [] }),
  };
}

/** What an exploration told and how it ended, without times and without what getting there took. */
async function explored(given: Given, manned: readonly Manner[]): Promise<unknown> {
  const assistants = manned.map((manner) => toyAssistant(toyOptions(optionsOf(given)), manner));
  const coming = assistants.map((each) => each.coming);
  try {
    const { records, summary } = await runToy({ ...optionsOf(given), assistants: coming });
    return withoutTimes({ records, summary: { ...summary, replayedSteps: 0 } });
  } catch (error) {
    return String(error);
  } finally {
    for (const assistant of assistants) await assistant.close();
  }
}

function withoutTimes(value: unknown): unknown {
  if (value instanceof Error) return value.message;
  if (value instanceof Map) return withoutTimes([...value]);
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.endsWith("Ms"))
      .map(([key, inner]) => [key, withoutTimes(inner)]),
  );
}

test("assistants change nothing that is told", { timeout: 30_000 }, async () => {
  const teams = fc.array(manners, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(searches, teams, async (given, team) => {
      expect(await explored(given, team)).toEqual(await explored(given, []));
    }),
    { numRuns: 200 },
  );
});
