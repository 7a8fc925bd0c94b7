/**
 * Generated values and the terms that mention them: each value is a node, each term an edge that
 * joins the nodes in its slots.
 */
export interface Graph {
  /** For each edge the rank of its text without the nodes. */
  readonly skeletons: readonly number[];
  /** For each edge its nodes, in the order of its slots. */
  readonly nodes: readonly (readonly number[])[];
  /** For each node its edges and the place in each: edge, place, edge, place, … */
  readonly incident: readonly (readonly number[])[];
  /** More than the number of slots of any edge. */
  readonly arity: number;
  /**
   * For each node its class. From 0: not told apart yet; the number is how many nodes stand in
   * classes before. Below 0: its place in the order is known.
   */
  readonly colour: number[];
}

/**
 * Splits classes until all nodes of a class stand in edges of the same kind beside nodes of the
 * same classes. Which class gets which number depends on the structure alone, never on how nodes or
 * edges happen to be numbered.
 *
 * @param nodes - All open nodes that are connected to each other through open nodes.
 * @param dirty - The nodes whose surroundings may tell them apart. Only what a split touches is
 * looked at again, so the cost follows the splits.
 */
export function refine(graph: Graph, nodes: readonly number[], dirty: readonly number[]): void {
  const classes: Classes = new Map();
  for (const [colour, members] of groupBy(nodes, (node) => graph.colour[node] ?? 0)) {
    classes.set(colour, new Set(members));
  }
  let pending = dirty;
  for (;;) {
    const affected = pending.filter(
      (node) => (classes.get(graph.colour[node] ?? -1)?.size ?? 0) > 1,
    );
    if (affected.length === 0) return;
    pending = neighboursOf(graph, splitClasses(graph, classes, affected));
  }
}

/** The members of each class. Sets, so that a small part leaves a large class cheaply. */
type Classes = Map<number, Set<number>>;

/** The open nodes that share an edge with one of these, each once. */
export function neighboursOf(graph: Graph, nodes: readonly number[]): readonly number[] {
  const found = new Set<number>();
  const seen = new Set<number>();
  for (const node of nodes) {
    const incident = graph.incident[node] ?? [];
    for (let index = 0; index < incident.length; index += 2) {
      const edge = incident[index] ?? 0;
      if (seen.has(edge)) continue;
      seen.add(edge);
      for (const other of graph.nodes[edge] ?? []) {
        if ((graph.colour[other] ?? 0) >= 0) found.add(other);
      }
    }
  }
  return [...found];
}

/** The text of an edge with the classes of its nodes. */
export function edgeText(graph: Graph, edge: number): string {
  let text = String(graph.skeletons[edge]);
  for (const node of graph.nodes[edge] ?? []) text += `,${graph.colour[node]}`;
  return text;
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** @returns The nodes whose class has a new number. */
function splitClasses(
  graph: Graph,
  classes: Classes,
  affected: readonly number[],
): readonly number[] {
  const signatures = signaturesOf(graph, affected);
  const changed: number[] = [];
  for (const [colour, touched] of groupBy(affected, (node) => graph.colour[node] ?? 0)) {
    const members = classes.get(colour) ?? new Set();
    // The others stay what they are: nothing around them changed, so they differ from these.
    const staying = members.size - touched.length;
    let start = colour + staying;
    for (const part of partsOf(touched, signatures)) {
      if (start !== colour) {
        for (const node of part) {
          members.delete(node);
          graph.colour[node] = start;
        }
        classes.set(start, new Set(part));
        changed.push(...part);
      }
      start += part.length;
    }
  }
  return changed;
}

function partsOf(
  nodes: readonly number[],
  signatures: ReadonlyMap<number, string>,
): readonly number[][] {
  const parts = groupBy(nodes, (node) => signatures.get(node) ?? "");
  if (parts.size === 1) return [...parts.values()];
  return [...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** For each node all its edges and its place in each, as one text. */
function signaturesOf(graph: Graph, nodes: readonly number[]): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const node of nodes) {
    const incident = graph.incident[node] ?? [];
    for (let index = 0; index < incident.length; index += 2) {
      const edge = incident[index] ?? 0;
      if (!texts.has(edge)) texts.set(edge, edgeText(graph, edge));
    }
  }
  const ranks = rankTexts(texts.values());
  return new Map(nodes.map((node) => [node, signatureOf(node)]));

  function signatureOf(node: number): string {
    const incident = graph.incident[node] ?? [];
    const numbers: number[] = [];
    for (let index = 0; index < incident.length; index += 2) {
      const rank = ranks.get(texts.get(incident[index] ?? 0) ?? "") ?? 0;
      numbers.push(rank * graph.arity + (incident[index + 1] ?? 0));
    }
    return numbers.toSorted((a, b) => a - b).join();
  }
}

/** Numbers texts in their order, equal texts alike. */
export function rankTexts(texts: Iterable<string>): ReadonlyMap<string, number> {
  const sorted = [...new Set(texts)].toSorted();
  return new Map(sorted.map((text, index) => [text, index]));
}
