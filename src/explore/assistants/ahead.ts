import { encodePath, type PathStep } from "../../trace/path-codec.ts";
import { clock } from "../clock.ts";
import type { Edge } from "../frontier.ts";
import { pathTo, type State } from "../graph.ts";
import type { Assistant, Errand, Passed } from "./errand.ts";
import {
  carryOut,
  chooseEdge,
  chooseWorker,
  isHungry,
  release,
  startWorker,
  type Worker,
} from "./workforce.ts";

/** The assistants of a search: what they run ahead of it, and what came of that. */
export interface Ahead {
  /** Takes an assistant in, which must have begun where the search has. */
  readonly join: (assistant: Assistant) => void;
  /**
   * Waits for what an assistant makes of an edge that is the search's next.
   *
   * @returns `undefined` when the search has to run the edge itself.
   */
  readonly take: (edge: Edge) => Promise<Passed | undefined>;
  /** The search has been in these states, and has found more edges or run their last. */
  readonly moveOn: (states: readonly State[]) => void;
  /** Gives nothing to anybody from now on. */
  readonly close: () => void;
}

interface AheadOptions {
  /** Edges that will be next soon, soonest first. */
  readonly peek: (most: number) => readonly Edge[];
  /** What an edge is as an errand; `undefined` when the search wants to run it itself. */
  readonly errandOf: (edge: Edge) => Errand | undefined;
  /** Milliseconds after which an errand that the search waits for is run by the search itself. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Edges to choose from, for each assistant. */
const LOOKAHEAD = 64;

interface Given {
  readonly worker: Worker;
  /** The path to the edge when it was given. */
  readonly path: string;
  readonly result: Promise<Passed | undefined>;
}

/** Starts without assistants. */
export function createAhead(options: AheadOptions): Ahead {
  const { peek, errandOf } = options;
  const workers = new Set<Worker>();
  const given = new Map<State, Map<PathStep | undefined, Given>>();

  function give(worker: Worker, { from, action }: Edge, errand: Errand): Given {
    const result = carryOut(worker, { from, errand }, (isLost) => {
      if (isLost) workers.delete(worker);
      // Later, so that the search goes first: it may have found more by then.
      void Promise.resolve().then(fill);
    });
    const entry = { worker, path: encodePath(pathTo(from)), result };
    const edges = given.get(from) ?? new Map<PathStep | undefined, Given>();
    given.set(from, edges.set(action, entry));
    return entry;
  }

  /** Gives errands to whoever has time. */
  function fill(): void {
    const hungry = [...workers].filter(isHungry);
    if (hungry.length === 0) return;
    const soon = peek(LOOKAHEAD * workers.size);
    const edges = soon.filter(({ from, action }) => given.get(from)?.has(action) !== true);
    for (const worker of hungry) {
      while (isHungry(worker)) {
        const edge = chooseEdge(worker, edges, workers);
        if (edge === undefined) break;
        edges.splice(edges.indexOf(edge), 1);
        const errand = errandOf(edge);
        if (errand !== undefined) give(worker, edge, errand);
      }
    }
  }

  /** Gives an edge away that the search is waiting for. */
  function giveNow(edge: Edge): Given | undefined {
    const worker = chooseWorker(workers, edge);
    const errand = worker && errandOf(edge);
    return errand && give(worker, edge, errand);
  }

  return {
    join: (assistant) => {
      workers.add(startWorker(assistant));
      fill();
    },
    take: async (edge) => {
      const { from, action } = edge;
      const before = given.get(from)?.get(action);
      const entry = isUpToDate(before, from) ? before : giveNow(edge);
      fill();
      if (entry === undefined) return undefined;
      const passed = await inTime(entry.result, options);
      given.get(from)?.delete(action);
      if (passed === LATE) entry.worker.isLate = true;
      return passed === LATE ? undefined : passed;
    },
    moveOn: (states) => {
      for (const state of states.filter(isDone)) {
        given.delete(state);
        release(workers, state);
      }
      fill();
    },
    close: () => workers.clear(),
  };
}

/** By a shorter path an edge has another name, and hooks of its own perhaps. */
function isUpToDate(entry: Given | undefined, from: State): entry is Given {
  return entry?.path === encodePath(pathTo(from));
}

/** Whether nothing starts from a state any more. */
function isDone({ expansion, openEdges }: State): boolean {
  return expansion !== "queued" && openEdges === 0;
}

const LATE = Symbol("late");

/** What comes of an errand, unless it takes too long or the exploration is aborted. */
function inTime(
  result: Promise<Passed | undefined>,
  { patienceMs, signal }: AheadOptions,
): Promise<Passed | undefined | typeof LATE> {
  return new Promise((resolve) => {
    const giveUp = (): void => finish(LATE);
    const timer = clock.after(giveUp, patienceMs);
    const finish = (value: Passed | undefined | typeof LATE): void => {
      clock.cancel(timer);
      signal.removeEventListener("abort", giveUp);
      resolve(value);
    };
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
    void result.then(finish);
  });
}
