import type { Trace, TracedBranch, TracedTransition } from "../../src/trace/trace.ts";

/** A trace of two states, with what a test is about in place of its parts. */
export function toyTrace(parts: Partial<Trace> = {}): Trace {
  return {
    version: 1,
    exploration: { module: "shop.test.ts", name: "shop" },
    settings: { depth: 2, seed: 0, strategy: "breadthFirst" },
    actions: ["create order", "refund"],
    invariants: [],
    states: [
      { fingerprint: "a", depth: 0, path: "" },
      { fingerprint: "b", depth: 1, path: "0" },
    ],
    transitions: [toyTransition({ from: 0, action: 0, to: 1, path: "0" })],
    branches: [toyBranch({ name: "create order", path: "0" })],
    witnesses: [],
    summary: {
      outcome: "exhausted",
      complete: true,
      unexplored: 0,
      neverEnabled: [],
      unwitnessed: [],
    },
    ...parts,
  };
}

export function toyTransition(
  parts: Pick<TracedTransition, "from" | "action" | "path"> & Partial<TracedTransition>,
): TracedTransition {
  return { durationMs: 1, ...parts };
}

export function toyBranch(
  parts: Pick<TracedBranch, "name" | "path"> & Partial<TracedBranch>,
): TracedBranch {
  return { status: "passed", durationMs: 1, ...parts };
}
