import { describe, expect, test } from "vitest";
import { mergeShards } from "../../../src/report/merge-shards.ts";
import type { ShardReport } from "../../../src/trace/shard-report.ts";

function reportOf(index: number, more: Partial<ShardReport> = {}): ShardReport {
  return {
    index,
    count: 2,
    depth: 3,
    isSplit: true,
    transitions: ["root 0 a", "root 1 b"],
    common: 2,
    complete: true,
    unexplored: 0,
    completeTo: 3,
    neverEnabled: [],
    unwitnessed: [],
    witnesses: [],
    timings: [],
    failures: [],
    printed: [],
    ...more,
  };
}

const all = (): boolean => true;

describe("what the shards of an exploration tell together", () => {
  test("counts states and transitions once", () => {
    const first = reportOf(1, { transitions: ["root 0 a", "root 1 b", "a 0 c", "a 1"] });
    const second = reportOf(2, { transitions: ["root 0 a", "root 1 b", "b 0 c", "c 0 root"] });

    expect(mergeShards([first, second], all).printed).toBe(
      "4 states, 6 transitions, all branches to depth 3 explored",
    );
  });

  test("fails for a rule that held on no shard, not for one that held on some", () => {
    const first = reportOf(1, { unwitnessed: ["one", "none"] });
    const witnesses = [{ rule: "one", branch: { name: "a → b", length: 2 } }];
    const merged = mergeShards([first, reportOf(2, { unwitnessed: ["none"], witnesses })], all);

    expect(merged.failure).toContain('"none" held in none of the 3 states reached');
    expect(merged.failure).not.toContain('"one"');
    expect(merged.printed).toContain('"one" holds after a → b');
  });

  test("names the shortest witness", () => {
    const [long, short] = [3, 2].map((length) => [
      { rule: "r", branch: { name: `${length} steps`, length } },
    ]);
    const merged = mergeShards(
      [reportOf(1, { witnesses: long ?? [] }), reportOf(2, { witnesses: short ?? [] })],
      all,
    );

    expect(merged.printed).toContain('"r" holds after 2 steps');
  });

  test("warns of actions that were enabled on no shard", () => {
    const first = reportOf(1, { neverEnabled: ["pay", "refund"] });
    const { warnings } = mergeShards([first, reportOf(2, { neverEnabled: ["refund"] })], all);

    expect(warnings).toEqual(['Action "refund" was enabled in none of the 3 states reached.']);
  });

  test("says which shards are missing, and takes nothing for known then", () => {
    const merged = mergeShards([reportOf(2, { unwitnessed: ["rule"] })], all);

    expect(merged.failure).toBeUndefined();
    expect(merged.summary.complete).toBe(false);
    expect(merged.warnings).toEqual([
      '"rule" never held, but not everything was explored: this is not known.',
      "Of 2 shards there is no report of 1: not everything was explored.",
    ]);
  });

  test("ends as the shard that ended early", () => {
    const early = { complete: false, endedBy: "maxTransitions", unexplored: 4, completeTo: 1 };
    const { printed } = mergeShards([reportOf(1), reportOf(2, early)], all);

    expect(printed).toBe(
      "3 states, 2 transitions, ended by maxTransitions with 4 known branches not run; " +
        "all branches of up to 1 step were run",
    );
  });

  test("counts what none has divided once", () => {
    const early = { complete: false, endedBy: "maxStates", unexplored: 4, completeTo: 0 };
    const alike = { ...early, isSplit: false };

    expect(mergeShards([reportOf(1, alike), reportOf(2, alike)], all).printed).toBe(
      "3 states, 2 transitions, ended by maxStates with 4 known branches not run",
    );
  });

  test("groups failures that are alike, of the branches that are told", () => {
    const failures = ["a → b → c", "b → c"].map((name) => [
      { manner: "m", message: "does not hold", branches: [{ name, length: name.length }] },
    ]);
    const [first, second] = failures.map((each, at) => reportOf(at + 1, { failures: each }));
    const reports = [first ?? reportOf(1), second ?? reportOf(2)];

    expect(mergeShards(reports, all).printed).toContain("2 branches: does not hold (b → c)");
    expect(mergeShards(reports, (name) => name === "b → c").printed).toContain(
      "1 branch: does not hold (b → c)",
    );
    expect(mergeShards(reports, () => false).printed).not.toContain("does not hold");
  });

  test("takes the mean of all runs of an action", () => {
    const timing = { action: "pay", runs: 3, meanMs: 2 };
    const other = { action: "refund", runs: 1, meanMs: 1 };
    const merged = mergeShards(
      [
        reportOf(1, { timings: [timing, other] }),
        reportOf(2, { timings: [{ ...timing, runs: 1, meanMs: 6 }] }),
      ],
      all,
    );

    expect(merged.printed).toContain("Slowest actions: pay 3.0ms, refund 1.0ms on average");
  });

  test("differs when what all run alike leads elsewhere, whatever the names of the states", () => {
    const renamed = reportOf(2, { transitions: ["start 0 x", "start 1 y", "y 0 z"] });
    const other = reportOf(2, { transitions: ["root 0 a", "root 1 a"] });
    const early = { ...other, complete: false };

    expect(mergeShards([reportOf(1), renamed], all).differs).toBe(false);
    expect(mergeShards([reportOf(1), other], all).differs).toBe(true);
    expect(mergeShards([reportOf(1), early], all).differs).toBe(false);
  });
});
