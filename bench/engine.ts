import { pathToFileURL } from "node:url";
import { explore } from "../src/explore/explore.ts";
import { STRATEGIES, type StrategyName } from "../src/explore/strategies/index.ts";
import { createToy, type ToyArgs } from "../test/support/toy-graph.ts";

/** One measurement of the engine. */
export interface EngineRow {
  readonly strategy: StrategyName;
  readonly transitions: number;
  readonly perSecond: number;
}

const SIZES = [1_000, 10_000, 100_000];

/**
 * Measures how many transitions a second the search itself takes: the subject is a number in memory,
 * so that nothing else is left. Four actions in each state, states met again half of the time.
 */
export async function benchEngine(): Promise<readonly EngineRow[]> {
  const rows: EngineRow[] = [];
  const strategies = Object.keys(STRATEGIES) as StrategyName[];
  // The first run is the compiler's.
  for (const strategy of strategies) await measure(strategy, 20_000);
  for (const strategy of strategies) {
    for (const transitions of SIZES) {
      const runs = [];
      for (let run = 0; run < 3; run += 1) runs.push(await measure(strategy, transitions));
      rows.push({ strategy, transitions, perSecond: Math.max(...runs) });
    }
  }
  return rows;
}

async function measure(strategy: StrategyName, maxTransitions: number): Promise<number> {
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
  const startMs = performance.now();
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
  const seconds = (performance.now() - startMs) / 1000;
  if (step.value.transitions !== maxTransitions) throw new Error("the toy is too small");
  return Math.round(maxTransitions / seconds);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const { strategy, transitions, perSecond } of await benchEngine()) {
    const size = transitions.toLocaleString("en").padStart(8);
    const speed = perSecond.toLocaleString("en").padStart(8);
    console.log(`${strategy.padEnd(13)} ${size} transitions ${speed} transitions/s`);
  }
}
