/** The state of all sequences: last values, and whether they were given out. Numbers as texts. */
export interface Counters {
  readonly last: readonly string[] | null;
  readonly called: readonly boolean[] | null;
}

/** A checkpoint in the tree of checkpoints. */
export interface Node {
  readonly id: number;
  /** The nearest checkpoint above; absent for the base. */
  parent: Node | undefined;
  readonly children: Set<Node>;
  /** Given up by the user; kept as long as the way to its children leads through it. */
  released: boolean;
  /** Where it is in the log while it is an ancestor of the current state. A 64-bit number as text. */
  position: string | undefined;
  /** Ids of the tables in which it may differ from the parent. */
  tables: readonly number[];
  readonly counters: Counters;
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

/** Checkpoints from the nearest one that is on the log to `to`. */
export function wayTo(to: Node): readonly Node[] {
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
export async function prune(node: Node, ways: Ways): Promise<void> {
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
