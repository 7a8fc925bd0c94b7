import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** What a user's project has beside the package: only what the package says it needs. */
const NEIGHBOURS = ["dependencies", "peerDependencies"] as const;

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
  for (const name of NEIGHBOURS.flatMap((kind) => Object.keys(manifest[kind] ?? {}))) {
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
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(project, "node_modules/vitest/vitest.mjs"), "run", "--reporter=tap-flat"],
    { cwd: project, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );

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

/** `ok` or `not ok` by name of the case. */
function casesOf(tap: string): Readonly<Record<string, string>> {
  const cases = tap.matchAll(/^(ok|not ok) \d+ - \S+ > (.+?) # time/gm);
  return Object.fromEntries([...cases].map(([, verdict, name]) => [name, verdict]));
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function run(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${error ?? stderr}`);
}
