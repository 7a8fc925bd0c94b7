import { explore } from "../src/explore/explore.ts";
import { STRATEGIES, type StrategyName } from "../src/explore/strategies/index.ts";
import { createToy, type ToyArgs } from "../test/support/toy-graph.ts";
import type { Bench } from "./bench.ts";
import { byTurns, median, medianRatio } from "./measure.ts";
import { formatNumber } from "./page.ts";

const SIZES = [1_000, 10_000, 100_000] as const;
const ROUNDS = 4;
const MIN_PER_SECOND = 50_000;
const MAX_GROWTH = 1.5;

/**
 * How many transitions a second the search itself takes: the subject is a number in memory, so that
 * nothing else is left.
 */
export const bench: Bench = {
  title: "Search engine",
  run: async () => {
    const found = [];
    for (const strategy of Object.keys(STRATEGIES) as StrategyName[]) {
      found.push(await measure(strategy));
    }
    return {
      columns: [
        "strategy",
        ...SIZES.map((size) => `${formatNumber(size)} transitions, transitions/s`),
        "growth of a transition",
      ],
      rows: found.map(({ strategy, perSecond, growth }) => [strategy, ...perSecond, growth]),
      notes: [
        "The toy's state is a number: four actions in each state, states met again half of the time, one invariant. No app, no database, no report.",
        "A second is one of processor time, the garbage collector's threads included: nothing is waited for, so what else the machine does shall not count.",
        "Growth: the time of a transition among 100,000 beside that of one among 1,000.",
      ],
      aims: found.flatMap(({ strategy, perSecond, growth }) => {
        const slowest = Math.min(...perSecond);
        return [
          {
            text: `${strategy}: at least ${formatNumber(MIN_PER_SECOND)} transitions/s`,
            found: formatNumber(slowest),
            met: slowest >= MIN_PER_SECOND,
          },
          {
            text: `${strategy}: growth at most ${MAX_GROWTH}×`,
            found: `${formatNumber(growth)}×`,
            met: growth <= MAX_GROWTH,
          },
        ];
      }),
    };
  },
};

interface Speed {
  readonly strategy: StrategyName;
  /** For each size. */
  readonly perSecond: readonly number[];
  /** Of the time of a transition, from the smallest size to the largest. */
  readonly growth: number;
}

async function measure(strategy: StrategyName): Promise<Speed> {
  const secondsEach = (size: number, times: number) => async (): Promise<number> => {
    let seconds = 0;
    for (let run = 0; run < times; run += 1) seconds += await search(strategy, size);
    return seconds / (size * times);
  };
  const samples = await byTurns(
    {
      small: secondsEach(1_000, 20),
      middle: secondsEach(10_000, 2),
      large: secondsEach(100_000, 1),
    },
    { warmUp: 1, minRounds: ROUNDS, maxRounds: ROUNDS, budgetMs: 0 },
  );
  const { small, middle, large } = samples;
  return {
    strategy,
    perSecond: [small, middle, large].map((each) => Math.round(1 / median(each))),
    growth: medianRatio(large, small),
  };
}

/** The processor's seconds that a search of that many transitions takes. */
async function search(strategy: StrategyName, maxTransitions: number): Promise<number> {
  const { subject } = createToy("tree", 1);
  const actions = [
    { name: "left", run: (world: ToyArgs) => void (world.state = (world.state * 2) % 1_000_003) },
    {
      name: "right",
      run: (world: ToyArgs) => void (world.state = (world.state * 2 + 1) % 1_000_003),
    },
    { name: "stay", run: () => undefined },
    { name: "up", run: (world: ToyArgs) => void (world.state = world.state >> 1) },
  ];
  const invariants = [
    {
      name: "never negative",
      expectation: "always" as const,
      holds: (world: ToyArgs) => world.state >= 0,
    },
  ];
  const { signal } = new AbortController();
  const budget = { depth: 20, maxTransitions };
  const before = process.cpuUsage();
  const records = explore({
    subject,
    actions,
    invariants,
    budget,
    signal,
    strategy: STRATEGIES[strategy],
    seed: 1,
  });
  let step = await records.next();
  while (step.done !== true) step = await records.next();
  const { user, system } = process.cpuUsage(before);
  if (step.value.transitions !== maxTransitions) throw new Error("the toy is too small");
  return (user + system) / 1e6;
}
