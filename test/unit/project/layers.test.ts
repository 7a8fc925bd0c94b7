import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** What a file of a layer may import and what it must not, as it would be written there. */
interface Layer {
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const LAYERS: Readonly<Record<string, Layer>> = {
  "src/errors.ts": {
    allowed: [],
    forbidden: ["vitest", "node:fs", "undici", "./bridge.ts", "./trace/trace.ts"],
  },
  "src/option-rules.ts": {
    allowed: ["./errors.ts"],
    forbidden: ["vitest", "node:fs", "./bridge.ts", "./adapters/adapter.ts"],
  },
  "src/bridge.ts": {
    allowed: ["./errors.ts", "./trace/trace.ts"],
    forbidden: [
      "vitest",
      "vitest/node",
      "@vitest/utils",
      "node:fs",
      "./explore/explore.ts",
      "./adapters/adapter.ts",
      "./provision/provision.ts",
      "./report/text.ts",
      "./plugin/index.ts",
      "./fixtures/index.ts",
    ],
  },
  "src/trace/subject.ts": {
    allowed: ["../errors.ts", "./path-codec.ts"],
    forbidden: [
      "vitest",
      "vitest/node",
      "@vitest/utils",
      "node:fs",
      "../bridge.ts",
      "../explore/model.ts",
      "../adapters/adapter.ts",
      "../provision/provision.ts",
      "../report/text.ts",
      "../plugin/index.ts",
      "../fixtures/index.ts",
    ],
  },
  "src/explore/subject.ts": {
    allowed: [
      "../errors.ts",
      "../adapters/adapter.ts",
      "../trace/path-codec.ts",
      "./model.ts",
      "./strategies/breadth-first.ts",
    ],
    forbidden: [
      "vitest",
      "vitest/node",
      "@vitest/utils",
      "node:crypto",
      "../adapters/define-adapter.ts",
      "../adapters/sqlite/index.ts",
      "../bridge.ts",
      "../provision/provision.ts",
      "../report/text.ts",
      "../plugin/index.ts",
      "../fixtures/index.ts",
    ],
  },
  "src/explore/strategies/subject.ts": {
    allowed: ["../../errors.ts", "../../adapters/adapter.ts", "../frontier.ts"],
    forbidden: [
      "vitest",
      "node:fs",
      "../../adapters/mock/index.ts",
      "../../plugin/index.ts",
      "../../bridge.ts",
    ],
  },
  "src/adapters/subject.ts": {
    allowed: ["../errors.ts", "./adapter.ts", "./define-adapter.ts", "node:fs"],
    forbidden: [
      "vitest",
      "vitest/node",
      "../explore/model.ts",
      "../trace/path-codec.ts",
      "../bridge.ts",
      "../report/text.ts",
      "../plugin/index.ts",
      "../fixtures/index.ts",
      "./sqlite/index.ts",
      "./mysql/index.ts",
    ],
  },
  "src/adapters/sqlite/subject.ts": {
    allowed: [
      "../../errors.ts",
      "../../provision/provision.ts",
      "../adapter.ts",
      "../define-adapter.ts",
      "../load-driver.ts",
      "../sql/quote.ts",
      "./observe.ts",
      "node:fs",
      "better-sqlite3",
    ],
    forbidden: [
      "vitest",
      "vitest/node",
      "@vitest/utils",
      "../postgres/index.ts",
      "../mysql/connect.ts",
      "../redis/index.ts",
      "../mock/index.ts",
      "../http/index.ts",
      "../../explore/model.ts",
      "../../trace/path-codec.ts",
      "../../report/text.ts",
      "../../plugin/index.ts",
      "../../fixtures/index.ts",
      "../../bridge.ts",
    ],
  },
  "src/adapters/mysql/undo/subject.ts": {
    allowed: ["../connect.ts", "../../adapter.ts", "../../sql/quote.ts"],
    forbidden: ["../../sqlite/index.ts", "../../../explore/model.ts"],
  },
  "src/adapters/sql/subject.ts": {
    allowed: ["../adapter.ts", "../../errors.ts"],
    forbidden: ["../sqlite/index.ts", "../postgres/index.ts", "../../explore/model.ts"],
  },
  "src/adapters/conformance.ts": {
    allowed: ["vitest", "./adapter.ts", "../errors.ts"],
    forbidden: ["vitest/node", "../explore/model.ts", "./sqlite/index.ts", "../plugin/index.ts"],
  },
  "src/provision/subject.ts": {
    allowed: ["../errors.ts", "node:fs", "./servers/redis.ts"],
    forbidden: [
      "vitest",
      "vitest/node",
      "../explore/model.ts",
      "../trace/path-codec.ts",
      "../adapters/adapter.ts",
      "../report/text.ts",
      "../plugin/index.ts",
      "../fixtures/index.ts",
      "../bridge.ts",
    ],
  },
  "src/report/subject.ts": {
    allowed: ["../errors.ts", "../trace/path-codec.ts", "./text.ts"],
    forbidden: [
      "vitest",
      "node:fs",
      "../adapters/adapter.ts",
      "../provision/provision.ts",
      "../plugin/index.ts",
      "../fixtures/index.ts",
      "../bridge.ts",
    ],
  },
  "src/fixtures/subject.ts": {
    allowed: [
      "vitest",
      "node:fs",
      "../errors.ts",
      "../bridge.ts",
      "../adapters/adapter.ts",
      "../explore/explore.ts",
      "../trace/path-codec.ts",
      "../report/text.ts",
      "../provision/ownership/folders.ts",
      "../provision/broker/ask-broker.ts",
    ],
    forbidden: [
      "vitest/node",
      "vitest/config",
      "../plugin/index.ts",
      "../provision/provision.ts",
      "../provision/broker/broker.ts",
      "../adapters/sqlite/index.ts",
    ],
  },
  "src/plugin/subject.ts": {
    allowed: [
      "vitest/node",
      "node:fs",
      "../errors.ts",
      "../bridge.ts",
      "../provision/provision.ts",
      "../report/text.ts",
      "../trace/path-codec.ts",
    ],
    forbidden: [
      "vitest",
      "../fixtures/index.ts",
      "../explore/model.ts",
      "../adapters/adapter.ts",
      "../adapters/sqlite/index.ts",
    ],
  },
};

const RESTRICTED = "eslint(no-restricted-imports)";
let folder = "";
/** What the linter says: rules by file and line, e.g. `src/errors.ts:3`. */
let findings: ReadonlyMap<string, readonly string[]> = new Map();

// One run of the linter over a folder with one file for each layer.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [subject, layer] of Object.entries(LAYERS)) write(subject, importsOf(layer));
  write("src/trace/short.ts", lines(300));
  write("src/trace/long.ts", lines(301));
  write("src/trace/commented.ts", `${"// A comment.\n\n".repeat(200)}${lines(300)}`);
  findings = lint();
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.for(Object.entries(LAYERS))("%s", ([subject, layer]) => {
  test.for(layer.allowed)("may import %s", (specifier) => {
    expect(rulesAt(subject, layer, specifier)).not.toContain(RESTRICTED);
  });

  test.for(layer.forbidden)("must not import %s", (specifier) => {
    expect(rulesAt(subject, layer, specifier)).toContain(RESTRICTED);
  });
});

describe("size of a file", () => {
  test("300 lines of code are accepted, comments and blank lines not counted", () => {
    expect(rulesIn("src/trace/short.ts")).not.toContain("eslint(max-lines)");
    expect(rulesIn("src/trace/commented.ts")).not.toContain("eslint(max-lines)");
  });

  test("301 lines of code are refused", () => {
    expect(rulesIn("src/trace/long.ts")).toContain("eslint(max-lines)");
  });
});

/** One line for each import, so that a finding's line tells which one it is about. */
function importsOf({ allowed, forbidden }: Layer): string {
  return [...allowed, ...forbidden].map((specifier) => `import "${specifier}";\n`).join("");
}

function rulesAt(
  subject: string,
  { allowed, forbidden }: Layer,
  specifier: string,
): readonly string[] {
  const line = [...allowed, ...forbidden].indexOf(specifier) + 1;
  return findings.get(`${subject}:${line}`) ?? [];
}

function rulesIn(file: string): readonly string[] {
  return [...findings].flatMap(([place, rules]) => (place.startsWith(`${file}:`) ? rules : []));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `export const line${index} = 0;\n`).join("");
}

/** The part of the linter's JSON report that is read here. */
interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly code: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

function lint(): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(stdout) as Report;
  const rules = new Map<string, string[]>();
  for (const { filename, code, labels } of diagnostics) {
    const place = `${filename}:${labels[0]?.span.line}`;
    rules.set(place, [...(rules.get(place) ?? []), code]);
  }
  return rules;
}
