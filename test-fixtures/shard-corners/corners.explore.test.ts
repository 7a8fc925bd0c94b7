import { expect } from "vitest";
import { always, createTest, sometimes } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

const test = createTest({ db: mock() });

interface Counters {
  a: number;
  b: number;
  c: number;
}

/** An app of another revision than the other shards'. */
const odd = process.env["ODD"] === "1";

function counters(): Record<string, { run: (args: { context: Counters }) => void }> {
  const actions = (["a", "b", "c"] as const).map((name) => [
    name,
    {
      run: ({ context }: { context: Counters }) => {
        if (!odd || name !== "a") context[name] += 1;
      },
    },
  ]);
  return Object.fromEntries(actions);
}

const context: Counters = { a: 0, b: 0, c: 0 };

test.explore<Counters>("divided", {
  actions: { ...counters(), never: { enabled: () => false, run: () => {} } },
  invariants: {
    "three of c": sometimes(({ context }) => context.c === 3),
    "nine of a": sometimes(({ context }) => context.a === 9),
  },
  context,
  depth: 4,
  paths: [
    ["c", "c", "c", "c", "c"],
    ["a", "b"],
  ],
});

test.explore<Counters>("too small", {
  actions: counters(),
  invariants: { "two of a": sometimes(({ context }) => context.a === 2) },
  identity: () => 0,
  context,
  depth: 4,
});

test.explore<Counters>("fails at once", {
  actions: counters(),
  invariants: { "some of a": always(({ context }) => context.a > 0) },
  context,
});

test("a test", ({ task }) => {
  expect(task.name).toMatchSnapshot();
});
