import type { Failing, Pass, Try } from "../shrink.ts";

/**
 * Drops steps: half of the path at once, then a quarter, and at last one by one, so that most of the
 * noise of a long walk goes in a few runs.
 */
export const dropSteps: Pass = async (failing, attempt) => {
  let best = failing;
  for (let count = halfOf(best.path.length - 1); count > 1; count = halfOf(count)) {
    best = await dropEach(best, count, attempt);
  }
  return await dropSingle(best, attempt);
};

/** Tries to drop each block of so many steps, once. */
async function dropEach(failing: Failing, count: number, attempt: Try): Promise<Failing> {
  let best = failing;
  let index = 0;
  while (index + count < best.path.length) {
    const shorter = await attempt(best.path.toSpliced(index, count));
    if (shorter === undefined) index += count;
    else best = shorter;
  }
  return best;
}

/** Drops single steps until none can be dropped. */
async function dropSingle(failing: Failing, attempt: Try): Promise<Failing> {
  let best = failing;
  let index = 0;
  while (index < best.path.length - 1) {
    const shorter = await attempt(best.path.toSpliced(index, 1));
    // Back to the start: a step that was needed before may be noise now.
    [best, index] = shorter === undefined ? [best, index + 1] : [shorter, 0];
  }
  return best;
}

function halfOf(count: number): number {
  return Math.floor(count / 2);
}
