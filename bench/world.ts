import { provideNothing } from "../test/support/provision/nothing.ts";
import { explore } from "../src/explore/explore.ts";
import type { Action, Invariant } from "../src/explore/model.ts";
import { STRATEGIES } from "../src/explore/strategies/index.ts";
import { mock, type MockHandle, type MockRow } from "../src/adapters/mock/index.ts";
import { connectWorld, type LiveWorld } from "../src/fixtures/connect-world.ts";
import { worldSubject, type AnyArgs } from "../src/fixtures/subject.ts";
import { createWorkFolder } from "../src/provision/ownership/folders.ts";
import type { Bench } from "./bench.ts";
import { byTurns, median, timed } from "./measure.ts";

const SIZES = [1_000, 10_000];
const COUNTERS = 6;
const MAX_GROWTH = 1.5;

/** What an exploration of a real world costs beside the app: systems in memory, rolled back and named. */
export const bench: Bench = {
  title: "World in memory",
  run: async () => {
    const samples = await byTurns(
      Object.fromEntries(SIZES.map((size) => [size, () => timed(() => exploreMock(size))])),
      { warmUp: 1, minRounds: 3, maxRounds: 5, budgetMs: 20_000 },
    );
    const found = SIZES.map((size) => ({
      size,
      usEach: (median(samples[size] ?? []) * 1000) / size,
    }));
    const [small, large] = [found[0]?.usEach ?? NaN, found.at(-1)?.usEach ?? NaN];
    return {
      columns: ["transitions", "µs each", "transitions a second"],
      rows: found.map(({ size, usEach }) => [size, usEach, Math.round(1e6 / usEach)]),
      notes: [
        `A \`mock()\` with ${COUNTERS} rows that ${COUNTERS} actions count up, each a statement, and one invariant; breadth first.`,
        "Each transition checkpoints, rolls back, reads the difference from the initial state and names the state by it; the self-check reads more than once.",
      ],
      aims: [
        {
          text: `a transition of 10,000 within ${MAX_GROWTH}× of one of 1,000`,
          found: `${(large / small).toFixed(2)}×`,
          met: large / small <= MAX_GROWTH,
        },
      ],
    };
  },
};

/** Explores a mock until it has made that many transitions. */
async function exploreMock(maxTransitions: number): Promise<void> {
  await using live = await openMock();
  const subject = worldSubject({
    live,
    context: {},
    fixtures: {},
    tools: () => ({ expect: noExpect, annotate: () => {} }),
    identity: undefined,
  });
  const records = explore({
    subject,
    actions: Array.from({ length: COUNTERS }, (_, index) => countUp(index)),
    invariants: [neverNegative],
    strategy: STRATEGIES.breadthFirst,
    seed: 1,
    budget: { depth: 30, maxTransitions, stepTimeoutMs: 5000 },
    signal: new AbortController().signal,
  });
  let step = await records.next();
  while (step.done !== true) step = await records.next();
  await subject.close();
  if (step.value.transitions !== maxTransitions) throw new Error("the mock is too small");
}

function openMock(): Promise<LiveWorld> {
  const counters = Array.from({ length: COUNTERS }, (_, index) => ({
    id: index,
    owner: `owner ${index}`,
    count: 0,
  }));
  const place = {
    slot: "bench",
    root: process.cwd(),
    createFolder: createWorkFolder,
    provide: provideNothing,
  };
  return connectWorld({ db: mock({ initialState: { counters } }) }, place);
}

function countUp(index: number): Action<AnyArgs> {
  return {
    name: `count ${index}`,
    run: (args) => {
      const db = args["db"] as MockHandle;
      const row = db.query<MockRow & { readonly count: number }>("counters")[index];
      const count = ((row?.count ?? 0) + 1) % 8;
      db.execute("UPDATE counters SET count = ? WHERE id = ?", [count, index]);
    },
  };
}

const neverNegative: Invariant<AnyArgs> = {
  name: "never negative",
  expectation: "always",
  holds: ({ db }) =>
    (db as MockHandle)
      .query<{ readonly count: number }>("counters")
      .every(({ count }) => count >= 0),
};

/** The actions above do not ask for it. */
const noExpect = undefined as never;
