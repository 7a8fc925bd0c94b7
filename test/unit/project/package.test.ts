import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

const manifest = json("package.json") as Manifest;
const ENTRIES = Object.entries(manifest.exports).filter(([entry]) => entry !== "./package.json");

describe("entries", () => {
  test.for(ENTRIES)("%s has types and code, built from one source", ([, target]) => {
    const { types, default: code } = target as Readonly<Record<string, string>>;

    expect(Object.keys(target), "types must come first").toEqual(["types", "default"]);
    expect(types).toBe(code?.replace(/\.js$/, ".d.ts"));
    expect(existsSync(sourceOf(code ?? "")), sourceOf(code ?? "")).toBe(true);
  });

  // Adding a name is a new feature, changing or removing one a breaking change: both are meant to
  // show in a review.
  test.for(ENTRIES)("%s exports the names it is known to export", async ([entry, target]) => {
    const { default: code } = target as Readonly<Record<string, string>>;
    const names = exportedNames(readFileSync(sourceOf(code ?? ""), "utf8"));
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(
      `exports/${entry.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "") || "index"}.txt`,
    );
  });
});

describe("package-lock.json", () => {
  // Where a registry lacks a platform's build, npm leaves it out without a word, and then `npm ci`
  // refuses the lock file.
  test.for([
    "package-lock.json",
    "test/majors/vitest-4/package-lock.json",
    "test/mermaid/package-lock.json",
    "test/orms/package-lock.json",
    "test/servers/package-lock.json",
  ])("%s names every optional dependency", (file) => {
    const { packages } = json(file) as Lock;
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).flatMap((name) =>
        isReachable(packages, path, name) ? [] : [`${path} needs ${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });
});

/** Node looks for a package in every folder on the way up. */
function isReachable(packages: Lock["packages"], from: string, name: string): boolean {
  const parents = from
    .split("/node_modules/")
    .map((_, index, parts) => parts.slice(0, parts.length - index).join("/node_modules/"));
  return ["", ...parents.map((parent) => `${parent}/`)].some(
    (parent) => packages[`${parent}node_modules/${name}`.replace(/^\//, "")] !== undefined,
  );
}

function sourceOf(code: string): string {
  return join(ROOT, code.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
}

/** An entry names all it exports; `export *` would let anything slip in. */
function exportedNames(source: string): readonly string[] {
  expect(source).not.toMatch(/^export \*/m);
  const listed = [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
    ([, isType, names = ""]) =>
      names
        .split(",")
        .map((name) => name.trim().replace(/^.* as /, ""))
        .filter((name) => name !== "")
        .map((name) => (isType === undefined || name.startsWith("type ") ? name : `type ${name}`)),
  );
  const declared = [
    ...source.matchAll(
      /^export (?:declare )?(?:async )?(default|function\*?|const|class|interface|type(?= \w))(?: (?:function |class )?(\w+))?/gm,
    ),
  ].map(([, kind = "", name = ""]) => {
    if (kind === "default") return "default";
    return kind === "interface" || kind === "type" ? `type ${name}` : name;
  });
  return [...listed, ...declared].toSorted();
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8"));
}
