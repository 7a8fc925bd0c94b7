import { describe, expect, test } from "vitest";
import type { Path } from "../../../src/trace/path-codec.ts";
import { createToy, type ToyArgs } from "../../support/toy-graph.ts";
import { runToy, type Told } from "../../support/toy-run.ts";
import { earn, neverNegative, overspend, spend } from "../../support/toy-wallet.ts";

const histories = ["stack", "tree"] as const;

/** A wallet that may be overspent, with what is to be run first. */
async function explored(
  history: "stack" | "tree",
  first: { readonly remembered?: readonly Path[]; readonly written?: readonly Path[] },
  repaired = false,
): Promise<Told & { readonly ran: readonly string[] }> {
  const ran: string[] = [];
  const watched = [earn, repaired ? spend : overspend].map((action) => ({
    ...action,
    run: (world: ToyArgs) => {
      ran.push(action.name);
      return action.run(world);
    },
  }));
  const told = await runToy({
    subject: createToy(history).subject,
    actions: watched,
    invariants: [neverNegative],
    budget: { depth: 2 },
    ...first,
  });
  return { ...told, ran };
}

function spends({ ran }: { readonly ran: readonly string[] }): number {
  return ran.filter((name) => name === "spend").length;
}

/** What must not depend on what is run first. */
function found({ summary, finished }: Told): unknown {
  const names = finished.map(({ branch, status }) => `${status} ${branch.name}`);
  const { states, transitions, outcome, complete, depth, failures } = summary;
  return { names: names.toSorted(), states, transitions, outcome, complete, depth, failures };
}

describe.for(histories)("on a %s,", (history) => {
  test("a branch that failed last time is run first, reported once, and confirmed once", async () => {
    const plain = await explored(history, {});
    const again = await explored(history, { remembered: [[1]] });

    expect(plain.order).toContain("x spend");
    expect(plain.order[0]).not.toBe("x spend");
    expect(again.order).toEqual(["x spend", ...plain.order.filter((name) => name !== "x spend")]);
    expect(found(again)).toEqual(found(plain));
    expect(again.summary).toMatchObject({ fixed: [], gone: [] });
    expect(spends(again)).toBe(spends(plain));
  });

  test("one that passes now is said to be fixed, and explored from", async () => {
    const plain = await explored(history, {}, true);
    const again = await explored(history, { remembered: [[0, 1]] }, true);

    expect(again.order[0]).toBe("earn → spend");
    expect(found(again)).toEqual(found(plain));
    expect(again.summary.fixed).toEqual(["earn → spend"]);
  });

  test("one that cannot be run any more is no case, and said to be gone", async () => {
    const { order, summary } = await explored(history, { remembered: [[1]] }, true);

    expect(order).not.toContain("x spend");
    expect(summary).toMatchObject({ fixed: [], gone: ["spend"], outcome: "exhausted" });
  });

  test("sequences are branches too, however long, without changing the rest", async () => {
    const plain = await explored(history, {}, true);
    const more = await explored(
      history,
      {
        written: [
          [0, 1],
          [0, 1, 0, 1],
        ],
      },
      true,
    );

    expect(more.order).toEqual([
      "earn → spend",
      "earn → spend → earn → spend",
      ...plain.order.filter((name) => name !== "earn → spend"),
    ]);
    expect(more.summary).toMatchObject({
      states: plain.summary.states,
      transitions: plain.summary.transitions,
      depth: plain.summary.depth,
    });
  });
});

test("the trace is the same whatever was run first", async () => {
  const trace = {
    exploration: { module: "wallet.test.ts", name: "wallet" },
    settings: { depth: 2, seed: 1, strategy: "breadthFirst" },
  };
  const traced = async (first: { readonly remembered?: readonly Path[] }): Promise<unknown> => {
    const { summary } = await runToy({
      subject: createToy("tree").subject,
      actions: [earn, overspend],
      invariants: [neverNegative],
      budget: { depth: 2 },
      trace,
      ...first,
    });
    return JSON.parse(JSON.stringify(summary.trace), (key, value: unknown) =>
      key.endsWith("Ms") ? undefined : value,
    );
  };

  expect(await traced({ remembered: [[1]] })).toEqual(await traced({}));
});

test("a sequence with a step that is not enabled fails by the step, and says what is", async () => {
  const { finished } = await explored("tree", { written: [[0, 1, 1]] }, true);

  const [first] = finished;
  expect(first?.status).toBe("failed");
  expect(first?.failure?.failedAt).toBe(3);
  expect(String(first?.failure?.error)).toMatchInlineSnapshot(`
    "ExploreError [EXPLORE_USAGE]: Path 0/1/1: step 3 of 3 (spend) is not enabled after earn → spend.
      enabled there: 0 earn
    Either the spec or the app has changed since the path was written down: correct it, or explore again to find out whether there is still a path to the failure."
  `);
});

test("a witness of a sequence counts where the search has none", async () => {
  const toy = createToy("tree");
  const { summary } = await runToy({
    subject: toy.subject,
    actions: [earn, spend],
    invariants: [
      { name: "rich", expectation: "sometimes", holds: ({ state }) => state === 2 },
      { name: "earning", expectation: "sometimes", holds: ({ state }) => state === 1 },
    ],
    budget: { depth: 1 },
    written: [[0, 0]],
  });

  expect([...summary.witnesses].map(([name, { path }]) => [name, path])).toEqual([
    ["earning", [0]],
    ["rich", [0, 0]],
  ]);
  expect(summary.unwitnessed).toEqual([]);
});

test("a branch that passes first and fails later ends the exploration: no path can be trusted", async () => {
  let spent = 0;
  const flaky = {
    name: "flaky",
    run: () => {
      spent += 1;
      if (spent > 1) throw new Error("second time");
    },
  };

  const running = runToy({
    subject: createToy("tree").subject,
    actions: [flaky],
    budget: { depth: 1 },
    written: [[0]],
  });

  await expect(running).rejects.toMatchObject({ code: "EXPLORE_REPLAY_DIVERGED" });
});
