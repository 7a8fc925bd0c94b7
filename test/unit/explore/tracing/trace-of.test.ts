import { expect, test } from "vitest";
import type { Recording } from "../../../../src/explore/model.ts";
import type { TracedStep } from "../../../../src/trace/trace.ts";
import { createToy, tableActions, type ToyArgs } from "../../../support/toy-graph.ts";
import { runToy } from "../../../support/toy-run.ts";

const HEAD = {
  exploration: { module: "toy.test.ts", name: "toy" },
  settings: { depth: 5, seed: 1, strategy: "breadthFirst" },
};

/** From 0, `a` leads to 1 and `b` to 2; from 1, `b` leads back to 0. State 2 is forbidden. */
const TABLE = [[1, 2], [undefined, 0], []];

test("a trace has every state, transition and branch in order, and refers by index", async () => {
  const toy = createToy("tree");
  const { summary } = await runToy({
    subject: toy.subject,
    actions: tableActions(TABLE),
    invariants: [
      { name: "never 2", expectation: "always", holds: ({ state }) => state !== 2 },
      { name: "once 1", expectation: "sometimes", holds: ({ state }) => state === 1 },
    ],
    trace: HEAD,
  });

  expect(withoutTimes(summary.trace)).toEqual({
    version: 1,
    ...HEAD,
    actions: ["a", "b"],
    invariants: [
      { name: "never 2", expectation: "always" },
      { name: "once 1", expectation: "sometimes" },
    ],
    states: [
      { fingerprint: "s0", depth: 0, path: "" },
      { fingerprint: "s1", depth: 1, path: "0" },
      { fingerprint: "s2", depth: 1, path: "1" },
    ],
    transitions: [
      { from: 0, action: 0, to: 1, path: "0" },
      { from: 0, action: 1, to: 2, path: "1" },
      { from: 1, action: 1, to: 0, path: "0/1" },
    ],
    branches: [
      { name: "a", path: "0", status: "passed" },
      {
        name: "b",
        path: "1",
        status: "failed",
        failure: {
          kind: "violation",
          message: 'Invariant "never 2" does not hold after 1 step',
          invariant: "never 2",
          steps: [],
        },
      },
      { name: "a → b", path: "0/1", status: "passed" },
    ],
    witnesses: [{ invariant: "once 1", path: "0" }],
    summary: {
      outcome: "violation",
      complete: true,
      unexplored: 0,
      neverEnabled: [],
      unwitnessed: [],
    },
  });
});

test("without a wish for one there is no trace, and steps are told only of what failed", async () => {
  const toy = createToy("tree");
  const told: string[] = [];
  const record = (): Recording => ({
    begin: () => {},
    acted: () => {},
    facts: () => undefined,
    text: (text) => text,
    end: async ({ number, action }): Promise<TracedStep> => {
      told.push(`${number} ${action}`);
      return { number, action, exchanges: [], output: [] };
    },
  });
  const forbidden = {
    name: "never 0 again",
    expectation: "always",
    holds: () => toy.world.state !== 0 || told.length > 3 || first,
  } as const;
  let first = true;

  const { summary, finished } = await runToy({
    subject: { ...toy.subject, record },
    actions: tableActions(TABLE).map((action) => ({
      ...action,
      run: (world: ToyArgs) => {
        first = false;
        return action.run(world);
      },
    })),
    invariants: [forbidden],
  });

  expect(summary.trace).toBeUndefined();
  // The step that failed, then all of its replay.
  expect(told).toEqual(["2 b", "1 a", "2 b"]);
  expect(finished.at(-1)?.failure?.steps?.map(({ number }) => number)).toEqual([1, 2]);
});

function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (key.endsWith("Ms") ? undefined : inner)),
  );
}
