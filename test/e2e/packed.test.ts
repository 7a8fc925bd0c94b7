import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** What a user's project has beside the package: only what the package says it needs. */
function neighboursOf(manifest: Manifest): readonly string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const needed = Object.keys({ ...dependencies, ...peerDependencies });
  return needed.filter((name) => peerDependenciesMeta[name]?.optional !== true);
}

let project = "";

// A user's project outside of this one, with the package as `npm publish` would send it. Nothing is
// downloaded: its neighbours are links to what is installed here.
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "packed-"));
  const modules = join(project, "node_modules");
  const installed = join(modules, "vitest-explore");
  mkdirSync(installed, { recursive: true });
  // The global set-up has built `dist`; building again would disturb the tests that run beside.
  run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project], ROOT);
  const tarball = readdirSync(project).find((file) => file.endsWith(".tgz"));
  run("tar", ["-xzf", join(project, tarball ?? "no tarball"), "--strip-components=1"], installed);
  const manifest = readManifest(installed);
  for (const name of neighboursOf(manifest)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
  cpSync(join(ROOT, "test-fixtures/mock-shop"), project, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("the package holds what is needed to run and to read it, and nothing else", () => {
  const installed = join(project, "node_modules/vitest-explore");
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  const tops = new Set(files.map((file) => file.split(/[\\/]/)[0]));

  expect(tops).toEqual(new Set(["LICENSE", "README.md", "dist", "docs", "package.json", "src"]));
});

test("a spec runs with the packed package and the real vitest binary", () => {
  const { status, stdout } = vitest([]);

  expect(casesOf(stdout)).toEqual({
    "shop > exploration": "ok",
    "shop > create order": "ok",
    "shop > create order → refund": "ok",
    "shop > create order → refund → refund": "not ok",
    "a hand-written test finds the world in its first state": "ok",
    "and so does the next one": "ok",
  });
  expect(status).toBe(1);
});

test("every entry can be imported without the packages that are optional", () => {
  const manifest = readManifest(join(project, "node_modules/vitest-explore"));
  const entries = Object.keys(manifest.exports)
    // The plugin is imported by the configuration; this one is no module.
    .filter((entry) => entry !== "." && entry !== "./package.json")
    .map((entry) => entry.replace(".", "vitest-explore"));
  writeFileSync(join(project, "entries.test.ts"), importing(entries));
  writeFileSync(join(project, "given.test.ts"), GIVEN);

  const { stdout } = vitest(["entries.test.ts", "given.test.ts"]);

  const all = Object.fromEntries(entries.map((entry) => [entry, "ok"]));
  expect(casesOf(stdout)).toEqual({ ...all, "shop > exploration": "not ok" });
  expect(stdout).toContain("action.given needs the package fast-check, which is not installed.");
});

function vitest(files: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(
    process.execPath,
    [join(project, "node_modules/vitest/vitest.mjs"), "run", "--reporter=tap-flat", ...files],
    { cwd: project, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
}

function importing(entries: readonly string[]): string {
  const imports = entries.map((entry) => `test("${entry}", () => import("${entry}"));`);
  return ['import { test } from "vitest";', ...imports].join("\n");
}

/** An exploration with generated inputs; nothing is generated without the package. */
const GIVEN = `
  import { action, createTest } from "vitest-explore/test";
  import { mock } from "vitest-explore/mock";
  const arbitrary = { generate: () => ({ value: 1 }), shrink: () => [] };
  const test = createTest({ db: mock() });
  test.explore("shop", { actions: { create: action.given(arbitrary, () => {}) } });
`;

/** `ok` or `not ok` by name of the case. */
function casesOf(tap: string): Readonly<Record<string, string>> {
  const cases = tap.matchAll(/^(ok|not ok) \d+ - \S+ > (.+?) # time/gm);
  return Object.fromEntries([...cases].map(([, verdict, name]) => [name, verdict]));
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function run(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${error ?? stderr}`);
}
