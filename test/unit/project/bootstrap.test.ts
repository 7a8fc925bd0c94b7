import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../scripts/bootstrap.mjs");

/** Packages of a lock file, by folder. */
type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: true }>>;

const WANTED: Packages = {
  "": {},
  "node_modules/tool": { version: "1.0.0" },
  "node_modules/tool-for-another-platform": { version: "1.0.0", optional: true },
};

let project = "";

// A project with a lock file, and an npm that notes where it is called and installs what is locked.
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "bootstrap-"));
  mkdirSync(join(project, "scripts"));
  copyFileSync(SCRIPT, join(project, "scripts/bootstrap.mjs"));
  writeLock("package-lock.json", WANTED);
  fakeNpm(
    'mkdir -p node_modules; cp package-lock.json node_modules/.package-lock.json; pwd >> "$CALLS"',
  );
});

afterEach(() => rmSync(project, { recursive: true }));

describe("installing", () => {
  test("happens when nothing is installed, and once only", () => {
    const first = bootstrap("node", "--version");
    const second = bootstrap("node", "--version");

    expect(first.stdout).toMatch(/^Installing packages \(npm ci\) …\nInstalled in .* s\.\nv\d+/);
    expect(second.stdout).toMatch(/^v\d+/);
    expect(installs()).toEqual([project]);
  });

  test.for<[string, Packages, number]>([
    ["everything that is locked is there", WANTED, 0],
    ["there is more than that", { ...WANTED, "node_modules/extra": { version: "1.0.0" } }, 0],
    ["an optional package is not there", { "node_modules/tool": { version: "1.0.0" } }, 0],
    ["a package is not there", { "": {} }, 1],
    ["a package has another version", { "node_modules/tool": { version: "0.9.0" } }, 1],
  ])("when %s", ([, present, expected]) => {
    writeLock("node_modules/.package-lock.json", present);

    bootstrap("node", "--version");

    expect(installs()).toHaveLength(expected);
  });

  test("happens in every folder named by --with", () => {
    writeLock("more/package-lock.json", WANTED);

    const { stdout } = bootstrap("--with", "more", "node", "--version");

    expect(stdout).toContain("Installing packages in more (npm ci) …");
    expect(installs()).toEqual([project, join(project, "more")]);
  });

  test("says when there is no network", () => {
    fakeNpm("echo npm error code ENOTFOUND >&2; exit 1");

    const { status, stderr } = bootstrap("node", "--version");

    expect(status).toBe(1);
    expect(stderr).toBe(
      `npm ci failed in ${project} (exit code 1):\n` +
        "  npm error code ENOTFOUND\n" +
        "The package registry cannot be reached. Check the network, the proxy or the registry setting.\n",
    );
  });

  test("shows how npm's own explanation begins and ends when it fails otherwise", () => {
    fakeNpm("seq 1 40; exit 3");

    const { status, stderr } = bootstrap("node", "--version");

    expect(status).toBe(1);
    expect(stderr).toBe(
      `npm ci failed in ${project} (exit code 3):\n` +
        `  ${[1, 2, 3, 4, 5, 6, 7, 8, "…", 33, 34, 35, 36, 37, 38, 39, 40].join("\n  ")}\n` +
        "Run npm ci yourself to see all it says.\n",
    );
  });
});

describe("the command", () => {
  test("runs in the project's folder, with its tools first on PATH", () => {
    const { stdout } = bootstrap("node", "-p", "process.cwd() + ' ' + process.env.PATH");

    const tools = join(project, "node_modules", ".bin");
    expect(stdout.split("\n").at(-2)).toMatch(`${project} ${tools}${delimiter}`);
  });

  test("decides the exit code", () => {
    expect(bootstrap("node", "-e", "process.exit(7)").status).toBe(7);
    expect(bootstrap("node", "-e", "process.kill(process.pid, 'SIGKILL')").status).toBe(137);
  });

  test("is asked for when it is missing", () => {
    const { status, stderr } = bootstrap();

    expect(status).toBe(1);
    expect(stderr).toMatch(/^Usage: /);
  });

  test("is refused when there is no Node that can run it", () => {
    mkdirSync(join(project, "bin"), { recursive: true });
    writeFileSync(join(project, "bin/node"), "#!/bin/sh\necho v20.1.0\n", { mode: 0o755 });

    const { status, stderr } = bootstrap("node", "--version");

    expect(status).toBe(1);
    expect(stderr).toMatch(/^The commands of this project need Node 22\.18 or newer, found v20/);
  });
});

function bootstrap(...args: readonly string[]) {
  const path = [join(project, "bin"), dirname(process.execPath), process.env.PATH];
  return spawnSync(process.execPath, [join(project, "scripts/bootstrap.mjs"), ...args], {
    cwd: tmpdir(),
    encoding: "utf8",
    env: { ...process.env, PATH: path.join(delimiter), CALLS: join(project, "calls") },
  });
}

/** The folders in which npm was called. */
function installs(): readonly string[] {
  try {
    return readFileSync(join(project, "calls"), "utf8").trimEnd().split("\n");
  } catch {
    return [];
  }
}

function fakeNpm(script: string): void {
  mkdirSync(join(project, "bin"), { recursive: true });
  writeFileSync(join(project, "bin/npm"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function writeLock(file: string, packages: Packages): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), JSON.stringify({ lockfileVersion: 3, packages }));
}
