import { ExploreError } from "../../errors.ts";
import type { Node, Ways } from "./history.ts";
import { addNode, prune, wayTo } from "./history.ts";
import type { OpenTransaction } from "./quiescence.ts";

/** Why a verb was not run: the schema is another one, or transactions are open. */
export type Obstacle = { readonly open: readonly OpenTransaction[] } | { readonly schema: true };

/** What a log found when a checkpoint was made. */
export interface SavedRows<Counters> {
  readonly place: string;
  /** Ids of the tables that were written to since the checkpoint above. */
  readonly touched: readonly number[];
  readonly counters: Counters;
}

/** A log of what was written, and the ways to checkpoints that it was put back from. */
export interface Log<Counters> extends Ways {
  readonly save: (since: string, node: number) => Promise<SavedRows<Counters> | Obstacle>;
  /** Puts back to a position, then goes ways. Answers the positions of where it has been. */
  readonly travel: (
    since: string,
    way: readonly number[],
    to: Node<Counters>,
  ) => Promise<readonly string[] | Obstacle>;
}

/** Runs one of the log's functions until nothing is in the way of it. */
export type Attempt = <T>(verb: string, run: () => Promise<T | Obstacle>) => Promise<T>;

/** The tree of checkpoints, and where in it the current state stands. */
export interface Standing<Counters> {
  readonly save: () => Promise<Node<Counters>>;
  readonly travel: (to: Node<Counters>) => Promise<void>;
  readonly release: (node: Node<Counters>) => Promise<void>;
}

/** Where a history stands when it begins or goes on. */
export interface StandingPlace<Counters> {
  /** The state at the installation, which nobody was given as a checkpoint. */
  readonly base: Node<Counters>;
  readonly attempt: Attempt;
  /** Answers a number that no other checkpoint has. Default: counts on from the base. */
  readonly newNode?: () => number;
  /** The checkpoints above the current state, base first. Default: only the base. */
  readonly line?: readonly Node<Counters>[] | undefined;
}

/** Makes a tree of checkpoints on a log. It does not ask the server until it is used. */
export function createStanding<Counters>(
  system: string,
  log: Log<Counters>,
  { base, attempt, line: above = [base], newNode }: StandingPlace<Counters>,
): Standing<Counters> {
  let line: Node<Counters>[] = [...above];
  let nextId = base.id + 1;

  return {
    save: async () => {
      const parent = line.at(-1) ?? base;
      const id = newNode?.() ?? nextId++;
      const { place, touched, counters } = await attempt("checkpoint", () =>
        log.save(parent.position ?? "0", id),
      );
      const node = addNode(parent, { id, position: place, tables: touched, counters });
      line.push(node);
      return node;
    },
    travel: async (to) => {
      const [meeting, ...way] = wayTo(to);
      if (meeting?.position === undefined) throw leadsNowhere(system, to);
      const since = meeting.position;
      const ids = way.map(({ id }) => id);
      const places = await attempt("roll back", () => log.travel(since, ids, to));
      for (const left of line.splice(line.indexOf(meeting) + 1)) left.position = undefined;
      for (const [i, node] of [meeting, ...way].entries()) node.position = places[i];
      line.push(...way);
    },
    release: async (node) => {
      node.released = true;
      await prune(node, log);
      line = line.filter(
        ({ parent }, i) => i === 0 || parent?.children.has(line[i] as Node<Counters>),
      );
    },
  };
}

function leadsNowhere(system: string, { id }: Pick<Node<unknown>, "id">): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `${system}: no way leads to checkpoint node ${id}. Report it with the spec.`,
    { details: { system, node: id } },
  );
}
