import type { Shard } from "./shard.ts";

/** What is known of the states that are equally far from the initial state. */
export interface Level {
  readonly states: number;
  readonly edges: number;
}

/** With fewer states for each shard the parts would be of very different sizes. */
const LEAST_STATES_EACH = 6;

/** Of an even part of the whole search, so much may be run by every shard. */
const MOST_IN_COMMON = 0.4;

/**
 * Whether the last level shall be divided among the shards, or be run by all of them to learn more.
 *
 * What is met beneath two parts is run in both, and the more of it the earlier they part. So levels
 * are run in common while they are cheap beside what is to come, if that grows as it did so far.
 *
 * @param levels - From the initial state on; not empty.
 * @param depth - States that far away are not left.
 */
export function isTimeToSplit(
  levels: readonly Level[],
  { depth, count }: Pick<Shard, "count"> & { readonly depth: number },
): boolean {
  // Nothing is run beyond the last level, so nothing can be met twice.
  if (levels.length >= depth) return true;
  if (stateCount(levels.at(-1)) < LEAST_STATES_EACH * count) return false;
  const common = levels.reduce((sum, { edges }) => sum + edges, 0);
  return common > (MOST_IN_COMMON * wholeOf(levels, depth)) / count;
}

/** How many edges the whole search will have, by the growth of its levels and its slowing. */
function wholeOf(levels: readonly Level[], depth: number): number {
  let growth = growthOf(levels);
  const slowing = Math.min(1, growth / growthOf(levels.slice(0, -1)));
  let whole = 0;
  for (const { edges } of levels) whole += edges;
  let next = levels.at(-1)?.edges ?? 0;
  for (let level = levels.length; level < depth; level += 1) {
    growth *= slowing;
    next *= growth;
    whole += next;
  }
  return whole;
}

function growthOf(levels: readonly Level[]): number {
  return stateCount(levels.at(-1)) / stateCount(levels.at(-2));
}

function stateCount(level: Level | undefined): number {
  return level?.states ?? 1;
}
