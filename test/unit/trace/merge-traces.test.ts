import { expect, test } from "vitest";
import { tableActions, createToy } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { mergeTraces } from "../../../src/trace/merge-traces.ts";
import type { Trace } from "../../../src/trace/trace.ts";

const TABLE = [
  [1, 2, 3],
  [4, 5, 6],
  [5, 7, 0],
  [8, 9, 1],
  ...Array.from({ length: 6 }, (_, state) => [state, 9 - state, undefined]),
];

async function traced(shard?: { readonly index: number; readonly count: number }): Promise<Trace> {
  const settings = { depth: 3, seed: 0, strategy: "breadthFirst", ...(shard && { shard }) };
  const { summary } = await runToy({
    subject: createToy("tree").subject,
    actions: tableActions(TABLE),
    invariants: [
      { name: "seven", expectation: "sometimes", holds: ({ state }) => state === 7 },
      { name: "not eight", expectation: "always", holds: ({ state }) => state !== 8 },
    ],
    budget: { depth: 3 },
    trace: { exploration: { module: "toy.test.ts", name: "toy" }, settings },
    shard,
  });
  if (summary.trace === undefined) throw new Error("no trace");
  return summary.trace;
}

/** Without times, and without what a failure refers to: alike ones are found within a shard. */
function bare(trace: Trace): unknown {
  return JSON.parse(
    JSON.stringify(trace, (key, value: unknown) =>
      /Ms$|^sameAs$|^steps$/.test(key) ? undefined : value,
    ),
  );
}

test("the traces of shards become the trace of the whole", async () => {
  const whole = await traced();
  const first = await traced({ index: 1, count: 2 });
  const second = await traced({ index: 2, count: 2 });
  expect(first.transitions.length).toBeLessThan(whole.transitions.length);

  const merged = mergeTraces([first, second], {
    summary: whole.summary,
    branches: new Set(whole.branches.map(({ name }) => name)),
  });

  expect(bare(merged)).toEqual(bare(whole));
});
