import { explore, type ExploreOptions } from "../../src/explore/explore.ts";
import type { BranchFinished, ExplorationRecord, Summary } from "../../src/explore/records.ts";
import { breadthFirst } from "../../src/explore/strategies/breadth-first.ts";

/** Everything an exploration told. */
export interface Told {
  readonly records: readonly ExplorationRecord[];
  readonly finished: readonly BranchFinished[];
  /** Names of the branches in the order they were run; failed ones begin with `x `. */
  readonly order: readonly string[];
  readonly summary: Summary;
}

/** The options of an exploration, with defaults for those that a test is not about. */
export type ToyOptions<Args, Mark> = Partial<ExploreOptions<Args, Mark>> &
  Pick<ExploreOptions<Args, Mark>, "subject" | "actions">;

/** Fills in what a test is not about. */
export function toyOptions<Args, Mark>(
  options: ToyOptions<Args, Mark>,
): ExploreOptions<Args, Mark> {
  return {
    invariants: [],
    strategy: breadthFirst,
    seed: 1,
    budget: { depth: 5 },
    signal: new AbortController().signal,
    ...options,
  };
}

/** Runs an exploration to its end. */
export async function runToy<Args, Mark>(options: ToyOptions<Args, Mark>): Promise<Told> {
  const records: ExplorationRecord[] = [];
  const exploration = explore(toyOptions(options));
  for (;;) {
    const step = await exploration.next();
    if (step.done === true) {
      const finished = records.filter((record) => record.type === "branch-finished");
      const order = finished.map(({ branch, status }) =>
        status === "passed" ? branch.name : `x ${branch.name}`,
      );
      return { records, finished, order, summary: step.value };
    }
    records.push(step.value);
  }
}
