/**
 * Shows the finding that the README begins with: explores the orders API with its bug, then the
 * repaired one, and checks that exactly the expected branches fail. What Vitest prints is shown as
 * it is.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.ts";

const ROOT = join(import.meta.dirname, "..");
const FIXTURE = join(ROOT, "test-fixtures", "double-refund");
const REPORTS = join(ROOT, ".work", "demo");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

const BUG = "create order → refund → refund";
/** Every case of the spec. `exploration` is the test that drives the others. */
const CASES = [
  "exploration",
  "create order",
  "create order → refund",
  "create order → cancel",
  BUG,
  "create order → refund → cancel",
  "create order → cancel → refund",
  "create order → cancel → cancel",
];

/** One run of the spec and what must come of it. */
interface Scene {
  readonly name: string;
  readonly title: string;
  readonly fixed: "0" | "1";
  readonly failing: readonly string[];
}

const SCENES: readonly Scene[] = [
  { name: "bug", title: "The orders API, with a bug in it", fixed: "0", failing: [BUG] },
  { name: "fixed", title: "The same API, repaired", fixed: "1", failing: [] },
];

/** The part of Vitest's JSON report that is read here. */
interface JsonReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

process.exitCode = (await build()) || demo();

function demo(): number {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const problems = SCENES.flatMap((scene) => play(scene));
  if (problems.length > 0) {
    console.log(`\nThe demo did not go as it should:\n${problems.join("\n")}`);
    return 1;
  }
  console.log(`\nAs expected: with the bug, of ${CASES.length} cases only this one fails: ${BUG}.`);
  console.log("Without it, none does.");
  for (const scene of SCENES) console.log(`JUnit report: ${report(scene, "junit.xml")}`);
  return 0;
}

/** Runs the spec and returns what was not as expected. */
function play(scene: Scene): readonly string[] {
  console.log(`\n${scene.title}\n`);
  const reporters = ["--reporter=tree", "--reporter=junit", "--reporter=json"];
  const files = ["junit.xml", "json"].map(
    (kind) => `--outputFile.${kind.replace(".xml", "")}=${report(scene, kind)}`,
  );
  const { status } = spawnSync(process.execPath, [VITEST, "run", ...reporters, ...files], {
    cwd: FIXTURE,
    env: { ...process.env, FIXED: scene.fixed },
    stdio: "inherit",
  });
  const exitCode = scene.failing.length > 0 ? 1 : 0;
  return [
    ...(status === exitCode ? [] : [`Vitest ended with ${status}, expected ${exitCode}.`]),
    ...differences(scene),
  ].map((problem) => `  ${scene.name}: ${problem}`);
}

function differences(scene: Scene): readonly string[] {
  const cases = casesOf(scene);
  const names = new Set([...CASES, ...cases.keys()]);
  const wrong = [...names].flatMap((name) => {
    const expected = CASES.includes(name) ? statusOf(scene, name) : "absent";
    const found = cases.get(name) ?? "absent";
    return expected === found ? [] : [`${name}: expected ${expected}, found ${found}.`];
  });
  const junit = read(report(scene, "junit.xml"));
  const found = [junit.match(/<testcase /g)?.length ?? 0, junit.match(/<failure/g)?.length ?? 0];
  const expected = [CASES.length, scene.failing.length];
  if (found.join() === expected.join()) return wrong;
  return [
    ...wrong,
    `JUnit report: expected cases and failures ${expected.join(", ")}, found ${found.join(", ")}.`,
  ];
}

function statusOf({ failing }: Scene, name: string): string {
  return failing.includes(name) ? "failed" : "passed";
}

/** Status by name of the case. */
function casesOf(scene: Scene): ReadonlyMap<string, string> {
  const text = read(report(scene, "json"));
  if (text === "") return new Map();
  const { testResults } = JSON.parse(text) as JsonReport;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  return new Map(results.map(({ title, status }) => [title, status]));
}

function report({ name }: Scene, kind: string): string {
  return join(REPORTS, `${name}.${kind}`);
}

/** The text of a file, empty when it is not there: Vitest ended before it wrote one. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
