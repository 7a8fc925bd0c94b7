import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { APPS } from "../../test-fixtures/quality-apps/specs.ts";
import { compare } from "../support/ground-truth-compare.ts";
import { explored } from "../support/ground-truth-explored.ts";
import { groundTruth } from "../support/ground-truth.ts";
import { lane, needs } from "../support/lane.ts";

const folder = join(import.meta.dirname, "../../test-fixtures/quality-apps");

/** `EXPLORE_TRUTH_DEPTH=4` compares further, which takes minutes. */
const { EXPLORE_TRUTH_DEPTH } = process.env;

/** The planted bugs with the length of the shortest path, and how many states are told apart. */
const KNOWN: Readonly<Record<string, object>> = {};

async function compareApp(name: string): Promise<ReturnType<typeof compare>> {
  const app = APPS[name];
  if (app === undefined) throw new Error(`no app ${name}`);
  const depth = Number(EXPLORE_TRUTH_DEPTH ?? app.depth);
  const truth = await groundTruth(app, { folder, depth });
  return compare(truth, await explored(app, { folder, depth }), depth);
}

async function assertAgrees(name: string): Promise<void> {
  const result = await compareApp(name);

  expect(result).toMatchObject({ mispredicted: [], unsound: [], invented: [] });
  expect(result.found).toEqual(result.violations);
  console.log(name, result);
  if (EXPLORE_TRUTH_DEPTH === undefined) expect(result).toMatchObject(KNOWN[name] ?? {});
}

describe("an exploration agrees with every sequence run from scratch", () => {
  const inPython = "ledger";
  test.for(Object.keys(APPS).filter((name) => name !== inPython))("%s", assertAgrees);

  lane("in Python", needs("python3", ["-c", "import sqlite3"]), () => {
    test(inPython, () => assertAgrees(inPython));
  });
});
