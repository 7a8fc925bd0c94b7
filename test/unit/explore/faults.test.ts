import { describe, expect, test } from "vitest";
import { isExploreError } from "../../../src/errors.ts";
import type { Subject } from "../../../src/explore/model.ts";
import type { BranchFinished } from "../../../src/explore/records.ts";
import { explore } from "../../../src/explore/explore.ts";
import { STRATEGIES, type StrategyName } from "../../../src/explore/strategies/index.ts";
import { createToy, type ToyArgs, type ToyMark } from "../../support/toy-graph.ts";
import { toyOptions } from "../../support/toy-run.ts";
import { earn, neverNegative, overspend } from "../../support/toy-wallet.ts";

interface Faulty {
  readonly subject: Subject<ToyArgs, ToyMark>;
  readonly calls: () => number;
}

/** Makes the nth call fail, by a throw or by a rejected promise, before it does anything. */
function failNth(subject: Subject<ToyArgs, ToyMark>, n: number, how: "throw" | "reject"): Faulty {
  let calls = 0;
  function call<T>(verb: string, run: () => T): T {
    calls += 1;
    if (calls !== n) return run();
    const error = new Error(`injected at call ${n} (${verb})`);
    if (how === "throw" || verb === "args") throw error;
    return Promise.reject(error) as T;
  }
  return {
    calls: () => calls,
    subject: {
      history: subject.history,
      checkpoint: () => call("checkpoint", subject.checkpoint),
      rollback: (to) => call("rollback", () => subject.rollback(to)),
      release: (mark) => call("release", () => subject.release(mark)),
      fingerprint: () => call("fingerprint", subject.fingerprint),
      args: (step) => call("args", () => subject.args(step)),
    },
  };
}

interface Ending {
  readonly finished: readonly BranchFinished[];
  readonly error: unknown;
}

async function endingOf(
  subject: Subject<ToyArgs, ToyMark>,
  strategy: StrategyName,
): Promise<Ending> {
  const finished: BranchFinished[] = [];
  try {
    const records = explore(
      toyOptions({
        subject,
        actions: [earn, overspend],
        invariants: [neverNegative],
        strategy: STRATEGIES[strategy],
        budget: { depth: 3 },
      }),
    );
    for await (const record of records) {
      if (record.type === "branch-finished") finished.push(record);
    }
    return { finished, error: undefined };
  } catch (error) {
    return { finished, error };
  }
}

const isInjected = (error: unknown): boolean =>
  isExploreError(error) &&
  error.code === "EXPLORE_ADAPTER_FAILED" &&
  /injected/.test(error.message);

// Fails the first call, then the second, and so on until a run makes fewer calls than n.
describe.for(["breadthFirst", "depthFirst", "randomWalk"] as const)("%s", (strategy) => {
  test.for([
    ["stack", "throw"],
    ["stack", "reject"],
    ["tree", "throw"],
    ["tree", "reject"],
  ] as const)("tells of a failure at any call: %s, %s", async ([history, how]) => {
    let n = 1;
    const ways = new Set<string>();
    for (; ; n += 1) {
      const toy = createToy(history);
      const faulty = failNth(toy.subject, n, how);
      const { finished, error } = await endingOf(faulty.subject, strategy);
      if (faulty.calls() < n) break;

      const infrastructure = finished.filter(({ failure }) => failure?.kind === "infrastructure");
      const diverged = finished.filter(({ failure }) => failure?.kind === "diverged");
      for (const { failure } of infrastructure) expect(failure?.error).toSatisfy(isInjected);
      for (const { failure } of diverged) {
        // A failure that could not be confirmed: the reason is told, what was found is not lost.
        expect(failure?.error).toMatchObject({
          message: expect.stringContaining("injected"),
          cause: { message: expect.stringContaining("does not hold") },
        });
      }
      expect(error === undefined || isInjected(error)).toBe(true);
      const told = infrastructure.length + diverged.length + (error === undefined ? 0 : 1);
      expect(told, `call ${n} failed`).toBe(1);
      for (const { failure } of finished) if (failure) ways.add(failure.kind);
      if (error !== undefined) ways.add("thrown");
    }

    expect(n).toBeGreaterThan(30);
    expect(ways).toEqual(new Set(["infrastructure", "violation", "diverged", "thrown"]));
  });
});
