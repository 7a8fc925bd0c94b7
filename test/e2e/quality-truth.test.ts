import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { APPS, type AppSpec } from "../../test-fixtures/quality-apps/specs.ts";
import { compare } from "../support/ground-truth-compare.ts";
import { explored } from "../support/ground-truth-explored.ts";
import { groundTruth } from "../support/ground-truth.ts";
import { lane, needs } from "../support/lane.ts";

const folder = join(import.meta.dirname, "../../test-fixtures/quality-apps");

/** `EXPLORE_TRUTH_DEPTH=4` compares further, which takes minutes. */
const { EXPLORE_TRUTH_DEPTH } = process.env;

/** The planted bugs with the length of the shortest path, and how many states are told apart. */
const KNOWN: Readonly<Record<string, object>> = {
  reservations: {
    found: { "nothing is sold that is back on the shelf": 3 },
    states: 3,
    classes: 3,
  },
  coupons: { found: { "a cart has a coupon once": 3 }, states: 2, classes: 2 },
  // Finer than needed by one: what bob does is never looked at, so his login makes no difference.
  sessions: { found: { "who has left has no notes": 3 }, states: 3, classes: 2 },
  ledger: { found: { "a transfer is reversed once": 3 }, states: 2, classes: 2 },
  projects: { found: { "a share is of the project it was made for": 4 }, states: 6, classes: 5 },
  tokens: { found: { "nobody writes with a role of the past": 3 }, states: 4, classes: 4 },
  votes: { found: { "likes are never negative": 2 }, states: 2, classes: 2 },
  prices: { found: {}, states: 3, classes: 3 },
};

const AGREES = { mispredicted: [], unsound: [], invented: [] };

function appOf(name: string): AppSpec {
  const app = APPS[name];
  if (app === undefined) throw new Error(`There is no app called ${name}`);
  return app;
}

async function assertAgrees(name: string): Promise<void> {
  const app = appOf(name);
  const depth = Number(EXPLORE_TRUTH_DEPTH ?? app.depth);
  const truth = await groundTruth(app, { folder, depth });
  const result = compare(truth, await explored(app, { folder, depth }), depth);
  const deep = await explored(app, { folder, depth, strategy: "depthFirst" });

  expect(result).toMatchObject(AGREES);
  expect(compare(truth, deep, depth)).toMatchObject(AGREES);
  expect(result.found).toEqual(result.violations);
  expect(result).toMatchObject(EXPLORE_TRUTH_DEPTH === undefined ? (KNOWN[name] ?? {}) : {});
}

describe("an exploration agrees with every sequence run from scratch", () => {
  test("which notices a state identity that is too coarse", async () => {
    const app = appOf("coupons");
    const truth = await groundTruth(app, { folder, depth: 3 });
    const coarse = { ...app, identity: ({ state }: { state: string }) => state.length > 40 };
    const result = compare(truth, await explored(coarse, { folder, depth: 3 }), 3);

    expect([...result.mispredicted, ...result.unsound]).not.toEqual([]);
  });

  const inPython = "ledger";
  test.for(Object.keys(APPS).filter((name) => name !== inPython))("%s", assertAgrees);

  lane("in Python", needs("python3", ["-c", "import sqlite3"]), () => {
    test(inPython, () => assertAgrees(inPython));
  });
});
