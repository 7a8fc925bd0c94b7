/** Runs a subject once and tells what it took, e.g. milliseconds. */
export type Sample<T = number> = () => T | Promise<T>;

/** How long to go on measuring. */
export interface Patience {
  /** Rounds whose samples are dropped: the compiler's and the caches'. */
  readonly warmUp: number;
  readonly minRounds: number;
  readonly maxRounds: number;
  /** No further round is begun after this many milliseconds, once `minRounds` are done. */
  readonly budgetMs: number;
}

/**
 * Measures subjects by turns (A B A B), so that what else the machine does falls on all of them.
 *
 * @param subjects - Each measures itself once per round.
 * @returns The samples of each, one a round: equal indexes belong together.
 */
export async function byTurns<Name extends string, T = number>(
  subjects: Readonly<Record<Name, Sample<T>>>,
  { warmUp, minRounds, maxRounds, budgetMs }: Patience,
): Promise<Readonly<Record<Name, readonly T[]>>> {
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    T[]
  >;
  const start = performance.now();
  for (let round = -warmUp; round < maxRounds; round += 1) {
    if (round >= minRounds && performance.now() - start > budgetMs) break;
    for (const name of names) {
      const sample = await subjects[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** The middle value, or the mean of the two; `NaN` for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** The median of the ratios of samples that belong together. */
export function medianRatio(of: readonly number[], to: readonly number[]): number {
  return median(of.map((sample, index) => sample / (to[index] ?? NaN)));
}

/** The milliseconds that `run` takes. */
export async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  const result = run();
  // Awaiting what is no promise would be counted too.
  if (result instanceof Promise) await result;
  return performance.now() - start;
}
