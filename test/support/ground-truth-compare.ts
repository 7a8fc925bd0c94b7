import { withoutInputs } from "../../src/trace/path-codec.ts";
import { type Explored, stateAfter } from "./ground-truth-explored.ts";
import { keyOf, nameOf, textOf, type Truth, type TruthNode } from "./ground-truth.ts";
import type { Labels } from "./ground-truth-trace.ts";

/** How an exploration compares with the truth. Every list is empty when it found what there is. */
export interface Comparison {
  readonly sequences: number;
  readonly transitions: number;
  /** States, and how few would do; counted where at least two further steps are known. */
  readonly states: number;
  readonly classes: number;
  /** Sequences of the truth that the exploration does not predict: missing or surplus edges. */
  readonly mispredicted: readonly string[];
  /** Pairs taken for one state whose futures differ; shortest first. */
  readonly unsound: readonly string[];
  /** Rules by the length of the shortest path that breaks them. */
  readonly violations: Readonly<Record<string, number>>;
  readonly found: Readonly<Record<string, number>>;
  /** Reported failures that the truth does not have. */
  readonly invented: readonly string[];
}

/** Compares an exploration with the truth, to the depth of both. */
export function compare(truth: Truth, explored: Explored, depth: number): Comparison {
  const { names } = truth;
  const nodes = [...truth.nodes.values()].toSorted((a, b) => a.path.length - b.path.length);
  const mispredicted: string[] = [];
  const unsound: string[] = [];
  const first = new Map<string, TruthNode>();
  for (const node of nodes) {
    const state = stateAfter(explored, node.path);
    if (state === undefined) {
      mispredicted.push(`not run: ${nameOf(names, node.path)}`);
      continue;
    }
    const representative = first.get(state);
    if (representative === undefined) first.set(state, node);
    else {
      const difference = firstDifference(truth, [representative, node], depth - node.path.length);
      if (difference !== undefined) unsound.push(difference);
    }
  }
  const { found, invented } = reported(truth, explored);
  return {
    sequences: nodes.length,
    transitions: explored.summary.transitions,
    ...count(truth, explored, depth - 2),
    mispredicted,
    unsound,
    violations: shortest(nodes.map(({ violated, path }) => [violated, path.length])),
    found,
    invented: [...invented, ...explored.contradictions],
  };
}

function reported(truth: Truth, { failed }: Explored): Pick<Comparison, "found" | "invented"> {
  const invented: string[] = [];
  for (const { branch, failure } of failed) {
    const node = truth.nodes.get(keyOf(withoutInputs(branch.path)));
    if (failure?.kind === "violation" && node?.violated === failure.invariant) continue;
    invented.push(`${branch.name}: ${String(failure?.error)}`);
  }
  return {
    found: shortest(failed.map(({ branch, failure }) => [failure?.invariant, branch.path.length])),
    invented,
  };
}

function shortest(
  found: readonly (readonly [string | undefined, number])[],
): Readonly<Record<string, number>> {
  const lengths: Record<string, number> = {};
  for (const [name, length] of found) {
    if (name !== undefined) lengths[name] = Math.min(length, lengths[name] ?? Infinity);
  }
  return lengths;
}

/** Counts states up to `depth`, and the fewest classes of sequences with the same future. */
function count(
  truth: Truth,
  explored: Explored,
  depth: number,
): Pick<Comparison, "states" | "classes"> {
  const near = [...truth.nodes.values()].filter(({ path }) => path.length <= depth);
  const states = new Set(near.map(({ path }) => stateAfter(explored, path)));
  const classes: TruthNode[] = [];
  for (const node of near.toSorted((a, b) => a.path.length - b.path.length)) {
    const horizon = depth + 2 - node.path.length;
    const same = (other: TruthNode): boolean =>
      firstDifference(truth, [other, node], horizon) === undefined;
    if (!classes.some(same)) classes.push(node);
  }
  return { states: states.size, classes: classes.length };
}

interface Continuation {
  readonly steps: readonly number[];
  /** Of the run of each of the two. */
  readonly labels: readonly [Labels, Labels];
}

interface Seen {
  /** The actions that lead on. */
  readonly next: readonly number[];
  readonly text: string;
}

interface Look {
  readonly path: readonly number[];
  readonly labels: Labels;
  readonly length: number;
}

function look(truth: Truth, { path, labels, length }: Look): Seen | undefined {
  const node = truth.nodes.get(keyOf(path));
  if (node === undefined) return undefined;
  // What was answered before the two are compared is no part of their future.
  const text = textOf(length === 0 ? { ...node, outcome: "" } : node, labels);
  return { text, next: node.violated === undefined ? node.enabled : [] };
}

/**
 * Finds a shortest continuation, of at most `horizon` steps, after which two sequences show
 * something else.
 */
function firstDifference(
  truth: Truth,
  [one, other]: readonly [TruthNode, TruthNode],
  horizon: number,
): string | undefined {
  let level: Continuation[] = [{ steps: [], labels: [new Map(), new Map()] }];
  for (let length = 0; length <= horizon; length += 1) {
    const next: Continuation[] = [];
    for (const { steps, labels } of level) {
      const a = look(truth, { path: [...one.path, ...steps], labels: labels[0], length });
      const b = look(truth, { path: [...other.path, ...steps], labels: labels[1], length });
      if (a?.text !== b?.text) {
        const [first, second, then] = [one.path, other.path, steps].map((path) =>
          nameOf(truth.names, path),
        );
        return `${first} = ${second}, but then ${then}:\n    ${a?.text}\n    ${b?.text}`;
      }
      for (const action of a?.next ?? []) {
        next.push({ steps: [...steps, action], labels: [new Map(labels[0]), new Map(labels[1])] });
      }
    }
    level = next;
  }
  return undefined;
}
