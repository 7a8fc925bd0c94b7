import type { Edge } from "../frontier.ts";
import type { State } from "../graph.ts";
import type { Assistant, Errand, Passed } from "./errand.ts";

/** An assistant, as the search sees it. */
export interface Worker {
  readonly assistant: Assistant;
  /** States that it can go back to at once. */
  readonly marked: Set<string>;
  /** Errands that it has not answered yet. */
  underWay: number;
  /** Somebody has waited for it in vain: it gets nothing more until it answers. */
  isLate: boolean;
}

/** An errand beside the one that is running, so that nobody waits for a message. */
const ERRANDS_EACH = 2;

export function startWorker(assistant: Assistant): Worker {
  return { assistant, marked: new Set(), underWay: 0, isLate: false };
}

/** Whether it has time for another errand. */
export function isHungry({ underWay, isLate }: Worker): boolean {
  return underWay < ERRANDS_EACH && !isLate;
}

/**
 * Lets a worker carry out an errand.
 *
 * @param over - Called in the end: `isLost` when nothing more can be expected of it.
 */
export async function carryOut(
  worker: Worker,
  { from, errand }: { readonly from: State; readonly errand: Errand },
  over: (isLost: boolean) => void,
): Promise<Passed | undefined> {
  const { assistant, marked } = worker;
  worker.underWay += 1;
  let isLost = true;
  try {
    const passed = await assistant.run(errand);
    isLost = false;
    marked.add(from.fingerprint);
    if (passed?.enabled !== undefined) marked.add(passed.fingerprint);
    return passed;
  } catch {
    // Whoever made it has noticed; what it had is run by the search.
    return undefined;
  } finally {
    worker.underWay -= 1;
    worker.isLate = false;
    over(isLost);
  }
}

/** Tells those who could go back to a state that nobody will have to. */
export function release(workers: Iterable<Worker>, { fingerprint }: State): void {
  for (const { assistant, marked } of workers) {
    if (marked.delete(fingerprint)) assistant.release(fingerprint);
  }
}

/** Whether a worker can go to a state at once. Everybody can go back to the beginning. */
function holds({ marked }: Worker, state: State): boolean {
  return state.depth === 0 || marked.has(state.fingerprint);
}

/** Where it can go at once; else where nobody can; else what somebody else would come to last. */
export function chooseEdge(
  worker: Worker,
  edges: readonly Edge[],
  workers: Iterable<Worker>,
): Edge | undefined {
  const all = [...workers];
  return (
    edges.find(({ from }) => holds(worker, from)) ??
    edges.find(({ from }) => !all.some((each) => holds(each, from))) ??
    edges.at(-1)
  );
}

/** Who shall run an edge that is waited for: who can go there at once, else who has least to do. */
export function chooseWorker(workers: Iterable<Worker>, { from }: Edge): Worker | undefined {
  const punctual = [...workers].filter(({ isLate }) => !isLate);
  const [first] = punctual.toSorted(
    (a, b) => Number(holds(b, from)) - Number(holds(a, from)) || a.underWay - b.underWay,
  );
  return first;
}
