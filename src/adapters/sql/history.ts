/**
 * A checkpoint in the tree of checkpoints.
 *
 * @typeParam Counters - What goes back with the rows: sequences and the like.
 */
export interface Node<Counters> {
  readonly id: number;
  /** The nearest checkpoint above; absent for the base. */
  parent: Node<Counters> | undefined;
  readonly children: Set<Node<Counters>>;
  /** Given up by the user; kept as long as the way to its children leads through it. */
  released: boolean;
  /** Where it is in the log while it is an ancestor of the current state. A 64-bit number as text. */
  position: string | undefined;
  /** Ids of the tables in which it may differ from the parent. */
  tables: readonly number[];
  readonly counters: Counters;
}

/** Adds a checkpoint under another. */
export function addNode<Counters>(
  parent: Node<Counters> | undefined,
  node: Omit<Node<Counters>, "parent" | "children" | "released">,
): Node<Counters> {
  const added: Node<Counters> = { ...node, parent, children: new Set(), released: false };
  parent?.children.add(added);
  return added;
}

/** Checkpoints from the nearest one that is on the log to `to`. */
export function wayTo<Counters>(to: Node<Counters>): readonly Node<Counters>[] {
  const way = [to];
  for (let node = to; node.position === undefined && node.parent !== undefined;) {
    node = node.parent;
    way.unshift(node);
  }
  return way;
}

/** Forgets or joins ways in the database. */
export interface Ways {
  readonly drop: (node: number) => Promise<void>;
  readonly merge: (node: number, into: number) => Promise<void>;
}

/** Takes released checkpoints out of the tree, from `node` upwards, where no way leads through them. */
export async function prune<Counters>(node: Node<Counters>, ways: Ways): Promise<void> {
  const { parent, children } = node;
  if (parent === undefined || !node.released || children.size > 1) return;
  const [child] = children;
  parent.children.delete(node);
  if (child === undefined) {
    if (node.tables.length > 0) await ways.drop(node.id);
    return prune(parent, ways);
  }
  if (node.tables.length > 0) await ways.merge(node.id, child.id);
  child.tables = [...new Set([...child.tables, ...node.tables])];
  child.parent = parent;
  parent.children.add(child);
}
