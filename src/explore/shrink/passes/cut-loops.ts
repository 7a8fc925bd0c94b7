import type { Failing, Pass } from "../shrink.ts";

/** Cuts out what leads from a state back to the same state, the longest such loop first. */
export const cutLoops: Pass = async (failing, attempt) => {
  for (const cut of loopsOf(failing)) {
    const shorter = await attempt(failing.path.toSpliced(cut.from, cut.count));
    // The loops of another path are other ones: the next call finds them.
    if (shorter !== undefined) return cutLoops(shorter, attempt);
  }
  return failing;
};

interface Loop {
  readonly from: number;
  readonly count: number;
}

function loopsOf({ states }: Failing): readonly Loop[] {
  return states
    .map((state, from) => ({ from, count: states.lastIndexOf(state) - from }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
}
