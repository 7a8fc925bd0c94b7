import type { Graph } from "./refine.ts";
import { edgeText, groupBy, neighboursOf, rankTexts, refine } from "./refine.ts";
import type { Term } from "./term.ts";

/**
 * How much work may go into ties that refinement leaves, in nodes visited. Worlds whose tables
 * refer to each other as trees do need none of it.
 */
const MAX_TIE_WORK = 50_000;

/** Terms of one collection. */
interface Section {
  readonly terms: readonly Term[];
}

/** The search for an order. */
interface Ordering {
  readonly graph: Graph;
  readonly creation: readonly number[];
}

/**
 * Numbers generated values by what refers to them, so that two worlds which differ only in the
 * values themselves get the same numbers.
 *
 * Colour refinement tells values apart by their surroundings. What it leaves falls into parts that
 * no longer touch each other; each is ordered alone, and parts that read the same are
 * interchangeable. Inside a part that is still tied every member of the smallest class is tried as
 * the first and the least result kept; above `MAX_TIE_WORK` the oldest is taken instead.
 *
 * @param creation - For each value its order of creation.
 * @returns For each value its number.
 */
export function canonicalLabels(
  sections: readonly Section[],
  creation: readonly number[],
): readonly number[] {
  const graph = buildGraph(sections, creation.length);
  const all = [...creation.keys()];
  refine(graph, all, all);
  const labels: number[] = [];
  const sequence = orderNodes({ graph, creation }, all, { base: 0, work: MAX_TIE_WORK });
  for (const [label, node] of sequence.entries()) labels[node] = label;
  return labels;
}

function buildGraph(sections: readonly Section[], size: number): Graph {
  const skeletons: string[] = [];
  const nodes: (readonly number[])[] = [];
  const incident: number[][] = Array.from({ length: size }, () => []);
  let arity = 1;
  for (const [number, { terms }] of sections.entries()) {
    for (const { pieces, slots } of terms) {
      if (slots.length === 0) continue;
      for (const [place, slot] of slots.entries()) incident[slot]?.push(nodes.length, place);
      skeletons.push(`${number}${pieces.join("#")}`);
      nodes.push(slots);
      arity = Math.max(arity, slots.length + 1);
    }
  }
  const ranks = rankTexts(skeletons);
  return {
    skeletons: skeletons.map((text) => ranks.get(text) ?? 0),
    nodes,
    incident,
    arity,
    colour: Array.from({ length: size }, () => 0),
  };
}

/** Where an order begins and what it may cost. */
interface Frame {
  /** How many nodes come before. */
  readonly base: number;
  readonly work: number;
}

/** Orders open nodes that are refined already; leaves them numbered or not, as it happens. */
function orderNodes(
  ordering: Ordering,
  nodes: readonly number[],
  { base, work }: Frame,
): readonly number[] {
  const { graph } = ordering;
  const classes = [...groupBy(nodes, (node) => graph.colour[node] ?? 0)].toSorted(
    ([a], [b]) => a - b,
  );
  const sequence = classes.flatMap(([, members]) => (members.length === 1 ? members : []));
  number(graph, sequence, base);
  const open = nodes.filter((node) => (graph.colour[node] ?? 0) >= 0);
  if (open.length === 0) return sequence;

  const inner = { base: base + sequence.length, work };
  const parts = partsOf(graph, open);
  if (sequence.length === 0 && parts.length === 1) {
    return breakTie(ordering, open, { base, work });
  }
  if (parts.length === open.length) {
    // Each stands alone between ordered ones: those of a class are interchangeable.
    const colourOf = (node: number): number => graph.colour[node] ?? 0;
    return [...sequence, ...open.toSorted((a, b) => colourOf(a) - colourOf(b))];
  }
  const ordered = parts.map((part) => orderNodes(ordering, part, inner));
  if (ordered.length > 1) {
    const forms = new Map(ordered.map((part) => [part, formOf(graph, part, inner.base)]));
    ordered.sort((a, b) => compareText(forms.get(a), forms.get(b)));
  }
  return [...sequence, ...ordered.flat()];
}

/** Makes one node of the smallest class the first, which tells more of the others apart. */
function breakTie(
  ordering: Ordering,
  nodes: readonly number[],
  { base, work }: Frame,
): readonly number[] {
  const { graph } = ordering;
  const members = smallestClass(graph, nodes);
  const cost = members.length * nodes.length;
  const tried = cost > work ? [oldestOf(ordering, members)] : members;
  // Shared evenly and not first come, first served: the result must not depend on who came first.
  const inner = { base: base + 1, work: cost > work ? 0 : (work - cost) / members.length };
  const before = nodes.map((node) => graph.colour[node] ?? 0);
  let best: { readonly sequence: readonly number[]; readonly form: string } | undefined;
  for (const first of tried) {
    for (const [index, node] of nodes.entries()) graph.colour[node] = before[index] ?? 0;
    number(graph, [first], base);
    const others = nodes.filter((node) => node !== first);
    refine(graph, others, neighboursOf(graph, [first]));
    const sequence = [first, ...orderNodes(ordering, others, inner)];
    const form = tried.length === 1 ? "" : formOf(graph, sequence, base);
    if (best === undefined || form < best.form) best = { sequence, form };
  }
  return best?.sequence ?? [];
}

/** Gives nodes their place in the order. */
function number(graph: Graph, sequence: readonly number[], base: number): void {
  for (const [index, node] of sequence.entries()) graph.colour[node] = -(base + index + 1);
}

/** All that mentions these nodes, once they have their places. */
function formOf(graph: Graph, sequence: readonly number[], base: number): string {
  number(graph, sequence, base);
  const edges = new Set<number>();
  for (const node of sequence) {
    const incident = graph.incident[node] ?? [];
    for (let index = 0; index < incident.length; index += 2) edges.add(incident[index] ?? 0);
  }
  return Array.from(edges, (edge) => edgeText(graph, edge))
    .toSorted()
    .join(";");
}

/** The open nodes in parts that share no edge. */
function partsOf(graph: Graph, nodes: readonly number[]): readonly (readonly number[])[] {
  const seen = new Set<number>();
  const parts: number[][] = [];
  for (const start of nodes) {
    if (seen.has(start)) continue;
    seen.add(start);
    const part = [start];
    // The part grows while it is walked.
    for (const node of part) {
      for (const other of neighboursOf(graph, [node])) {
        if (seen.has(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}

function smallestClass(graph: Graph, nodes: readonly number[]): readonly number[] {
  const classes = [...groupBy(nodes, (node) => graph.colour[node] ?? 0)];
  classes.sort(([a, left], [b, right]) => left.length - right.length || a - b);
  return classes[0]?.[1] ?? [];
}

function oldestOf({ creation }: Ordering, nodes: readonly number[]): number {
  const ages = nodes.map((node) => creation[node] ?? Infinity);
  return nodes[ages.indexOf(Math.min(...ages))] ?? 0;
}

function compareText(a = "", b = ""): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
