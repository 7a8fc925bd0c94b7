import type { Catalogue } from "./catalogue.ts";
import type { CounterAccess, Counters } from "./counters.ts";
import type { Image } from "./image.ts";
import type { UndoLog } from "./undo-log.ts";

/**
 * A stretch of history with one schema. Within it checkpoints are reached by the log; from another
 * epoch by its image and the log from there.
 */
export interface Epoch {
  readonly id: number;
  readonly catalogue: Catalogue;
  /** Absent when rows cannot be logged: then every checkpoint is an epoch of its own. */
  readonly log: UndoLog | undefined;
  readonly counters: CounterAccess;
  /** The state at the base. Absent when it was too large to be copied for nothing. */
  readonly image: Image | undefined;
  readonly base: Node;
  /** `PRAGMA schema_version` of the live database while it is in this epoch. */
  schemaVersion: number;
}

/** A checkpoint in the tree of an epoch's checkpoints. */
export interface Node {
  readonly id: number;
  /** The nearest checkpoint above; absent for the base. */
  parent: Node | undefined;
  readonly children: Set<Node>;
  /** Given up by the user; kept as long as the way to its children leads through it. */
  released: boolean;
  /** Where it is in the log while it is an ancestor of the current state. */
  position: number | undefined;
  /** Ids of the tables in which it may differ from the parent. */
  tables: readonly number[];
  readonly counters: Counters;
}

/** Checkpoints from the nearest one that is on the log, or else the base, to `to`. */
export function wayTo(to: Node): readonly Node[] {
  const way = [to];
  for (let node = to; node.position === undefined && node.parent !== undefined;) {
    node = node.parent;
    way.unshift(node);
  }
  return way;
}

/** Checkpoints from the base to `to`, both included. */
export function wayFromBase(to: Node): readonly Node[] {
  const way = [to];
  for (let node = to.parent; node !== undefined; node = node.parent) way.unshift(node);
  return way;
}

/** Adds a checkpoint under another. */
export function addNode(
  parent: Node | undefined,
  node: Omit<Node, "parent" | "children" | "released">,
): Node {
  const added: Node = { ...node, parent, children: new Set(), released: false };
  parent?.children.add(added);
  return added;
}

/**
 * Takes released checkpoints out of the tree, from `node` upwards, where no way leads through them.
 *
 * @param log - Forgets or joins the ways.
 * @returns Whether nothing but a released base is left.
 */
export function prune(node: Node, log: Pick<UndoLog, "drop" | "merge"> | undefined): boolean {
  const { parent, children } = node;
  if (parent === undefined) return node.released && children.size === 0;
  if (!node.released || children.size > 1) return false;
  const [child] = children;
  parent.children.delete(node);
  if (child === undefined) {
    if (node.tables.length > 0) log?.drop(node.id);
    return prune(parent, log);
  }
  if (node.tables.length > 0) log?.merge(node.id, child.id, node.tables);
  child.tables = [...new Set([...child.tables, ...node.tables])];
  child.parent = parent;
  parent.children.add(child);
  return false;
}
