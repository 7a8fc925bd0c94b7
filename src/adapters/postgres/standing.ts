import { ExploreError } from "../../errors.ts";
import type { Engine, Obstacle } from "./engine.ts";
import type { Node } from "./history.ts";
import { addNode, prune, wayTo } from "./history.ts";

/** Runs one of the engine's functions until nothing is in the way of it. */
export type Attempt = <T>(verb: string, run: () => Promise<T | Obstacle>) => Promise<T>;

/** The tree of checkpoints, and where in it the current state stands. */
export interface Standing {
  readonly save: () => Promise<Node>;
  readonly travel: (to: Node) => Promise<void>;
  readonly release: (node: Node) => Promise<void>;
}

/** @param base - The state at the installation, which nobody was given as a checkpoint. */
export function createStanding(
  system: string,
  engine: Engine,
  { base, attempt }: { readonly base: Node; readonly attempt: Attempt },
): Standing {
  /** The checkpoints above the current state, base first. */
  let line: Node[] = [base];
  let nextId = base.id + 1;

  return {
    save: async () => {
      const parent = line.at(-1) ?? base;
      const id = nextId++;
      const { place, touched, counters } = await attempt("checkpoint", () =>
        engine.save(parent.position ?? "0", id),
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
      const places = await attempt("roll back", () => engine.travel(since, ids, to));
      for (const left of line.splice(line.indexOf(meeting) + 1)) left.position = undefined;
      for (const [i, node] of [meeting, ...way].entries()) node.position = places[i];
      line.push(...way);
    },
    release: async (node) => {
      node.released = true;
      await prune(node, engine);
      line = line.filter(({ parent }, i) => i === 0 || parent?.children.has(line[i] as Node));
    },
  };
}

function leadsNowhere(system: string, { id }: Node): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `${system}: no way leads to checkpoint node ${id}. Report it with the spec.`,
    { details: { system, node: id } },
  );
}
