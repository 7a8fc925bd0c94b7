import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { basename, dirname, join } from "node:path";
import { type Probe, lane } from "./lane.ts";
import { probeProcessTable, processesIn } from "./process-table.ts";

const ROOT = dirname(dirname(import.meta.dirname));

/** The Vitest majors that the package supports. */
export type Major = "4" | "5";

/** Where each major is installed: a folder from which `vitest` resolves to it. */
export const HOSTS: Readonly<Record<Major, string>> = {
  "4": join(ROOT, "test/majors/vitest-4"),
  "5": ROOT,
};

/** Says why a Vitest major cannot be run; `undefined` when it can. */
function installed(major: Major): Probe {
  return () => (existsSync(binary(major)) ? undefined : `Vitest ${major} is not installed`);
}

/** Declares the same tests for every major that is installed. */
export function describeMajors(tests: (major: Major) => void): void {
  for (const major of ["5", "4"] as const) {
    lane(`Vitest ${major}`, installed(major), () => tests(major));
  }
}

/** A task of the tree: its status, or what is in it by name. */
export type Tree = string | { readonly [name: string]: Tree };

/** How a run ended, and what it showed. */
export interface FixtureRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output, without colours, times and absolute paths. */
  readonly stdout: string;
  readonly stderr: string;
  /** Every test by file, suites and name; `{}` when Vitest wrote no report. */
  readonly tests: Tree;
}

/** A private copy of a fixture folder; runs of it share caches, as runs of a project do. */
export interface Fixture extends AsyncDisposable {
  readonly folder: string;
  readonly start: (args?: readonly string[], options?: RunOptions) => StartedRun;
  readonly run: (args?: readonly string[], options?: RunOptions) => Promise<FixtureRun>;
  /** Reads a file of the copy, normalised like the output. */
  readonly read: (file: string) => string;
  /** Replaces a text everywhere in a file of the copy. */
  readonly edit: (file: string, from: string, to: string) => void;
  /** Removes a file or folder of the copy. */
  readonly remove: (path: string) => void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A command of Vitest's, or a script of the fixture, which runs with Node. Default: `run`. */
  readonly command?: "run" | "list" | "watch" | `${string}.ts`;
  /** Leave the report out that `tests` is read from, for measurements. */
  readonly plain?: boolean;
  /** Have Vitest read keys, as it does on a terminal. */
  readonly keys?: boolean;
}

/** How long a Vitest that was asked to end may take. */
const endTimeoutMs = 10_000;

/** How long a text may take to appear. */
const printedTimeoutMs = 30_000;

/** A Vitest at work. */
export interface StartedRun {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Presses a key; only a run with `keys` reads them. */
  readonly press: (key: string) => void;
  /** Resolves when the output since the last `printed` contains a text. */
  readonly printed: (text: string) => Promise<string>;
  readonly ended: Promise<FixtureRun>;
}

/** The packages of `test/orms`: what apps reach their databases with. */
const ORMS = join(ROOT, "test/orms/node_modules");

/** Says why fixtures that need the packages of `test/orms` cannot be run. */
export const needsOrms: Probe = () =>
  existsSync(ORMS) ? undefined : "the packages of test/orms are not installed";

/**
 * Copies a folder of `test-fixtures` to where the package and the given Vitest resolve by name.
 *
 * @param name - The folder's name.
 * @param options - `orms`: the packages of `test/orms` resolve too.
 */
export function openFixture(
  name: string,
  major: Major,
  { orms = false }: { readonly orms?: boolean } = {},
): Fixture {
  const work = join(HOSTS[major], ".work");
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, `${name}-`));
  cpSync(join(ROOT, "test-fixtures", name), folder, {
    recursive: true,
    filter: (path) => basename(path) !== "node_modules",
  });
  if (orms) symlinkSync(ORMS, join(folder, "node_modules"), "junction");
  const started: StartedRun[] = [];
  const start: Fixture["start"] = (args = [], options = {}) => {
    const run = startVitest({ folder, major }, args, options);
    started.push(run);
    return run;
  };
  return {
    folder,
    start,
    run: (args, options) => start(args, options).ended,
    read: (file) => normalise(readFileSync(join(folder, file), "utf8"), folder),
    edit: (file, from, to) => {
      const path = join(folder, file);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(from, to));
    },
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
    [Symbol.asyncDispose]: async () => {
      // A test that failed may have left one that waits for changes. It is asked first: workers of
      // Vitest 4 go on for ever, and at full speed, when nobody is there to hear them.
      for (const run of started) run.kill("SIGTERM");
      const limit = sleep(endTimeoutMs, undefined, { ref: false });
      await Promise.all(started.map(({ ended }) => Promise.race([ended, limit])));
      for (const run of started) run.kill("SIGKILL");
      await Promise.all(started.map(({ ended }) => ended));
      for (const { pid } of workersIn(folder)) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a fixture once. For several runs of one copy see `openFixture`. */
export async function runFixture(
  name: string,
  options: RunOptions & { readonly vitest: Major; readonly args?: readonly string[] },
): Promise<FixtureRun> {
  await using fixture = openFixture(name, options.vitest);
  return await fixture.run(options.args, options);
}

/** Workers that have outlived their Vitest. */
function workersIn(folder: string): readonly { readonly pid: number }[] {
  if (probeProcessTable() !== undefined) return [];
  return processesIn(folder).filter(({ command }) => /vitest\/dist\/workers\//.test(command));
}

function startVitest(
  { folder, major }: { readonly folder: string; readonly major: Major },
  args: readonly string[],
  { env = {}, command = "run", plain = false, keys = false }: RunOptions,
): StartedRun {
  const report = join(folder, ".report.json");
  rmSync(report, { force: true });
  const words = command.endsWith(".ts")
    ? [command]
    : vitestWords({ major, command, report: plain ? undefined : report }, args);
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: folder,
    env: { ...cleanEnv(), ...(keys && { NODE_OPTIONS: `--import=${READS_KEYS}` }), ...env },
    stdio: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  let seen = 0;
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      child.emit("printed");
    });
  }
  const ended = new Promise<FixtureRun>((resolve, reject) => {
    child.on("error", reject).on("close", (exitCode, signal) => {
      const [stdout, stderr] = [output.stdout, output.stderr].map((each) =>
        normalise(each, folder),
      );
      resolve({
        exitCode,
        signal,
        stdout: stdout ?? "",
        stderr: stderr ?? "",
        tests: treeOf(report, folder),
      });
    });
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    press: (key) => void child.stdin.write(key),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = output.stdout.indexOf(text, seen);
          if (found === -1) return;
          const printed = output.stdout.slice(seen, found + text.length);
          seen = found + text.length;
          stopLooking();
          resolve(normalise(printed, folder));
        };
        const fail = (): void => {
          stopLooking();
          const { stdout, stderr } = output;
          reject(new Error(`Vitest did not print ${JSON.stringify(text)}:\n${stdout}\n${stderr}`));
        };
        const deadline = setTimeout(fail, printedTimeoutMs);
        const stopLooking = (): void => {
          clearTimeout(deadline);
          child.off("printed", look).off("close", fail);
        };
        child.on("printed", look).on("close", fail);
        look();
      }),
    ended,
  };
}

/** Makes Vitest's main process, not its workers, take its input for a terminal. */
const READS_KEYS = `data:text/javascript,${encodeURIComponent(
  'if (process.argv[1]?.endsWith("vitest.mjs")) Object.assign(process.stdin, { isTTY: true, setRawMode: () => process.stdin });',
)}`;

/** The words before the arguments: which Vitest, what to do, and a report to read the tree from. */
function vitestWords(
  options: { readonly major: Major; readonly command: string; readonly report: string | undefined },
  args: readonly string[],
): readonly string[] {
  const { major, command, report } = options;
  const vitest = [binary(major), command];
  if (command === "list") return vitest;
  if (!args.some((arg) => arg.startsWith("--reporter"))) vitest.push("--reporter=default");
  if (report === undefined) return vitest;
  return [...vitest, "--reporter=json", `--outputFile.json=${report}`];
}

function binary(major: Major): string {
  return join(HOSTS[major], "node_modules/vitest/vitest.mjs");
}

/** The environment without what the Vitest around this one, a CI or an agent has set, or a server. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const outer =
    /^(VITEST|TEST$|NODE_ENV$|MODE$|DEV$|PROD$|SSR$|BASE_URL$|CI$|GITHUB_|FORCE_COLOR$|NODE_OPTIONS$|DATABASE_URL$|PG[A-Z]+$|MYSQL_|REDIS_URL$)/;
  const kept = Object.entries(process.env).filter(([name]) => !outer.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}

/** Takes out what differs between two runs of the same thing, and between the majors. */
function normalise(text: string, folder: string): string {
  return text
    .replaceAll(folder, "<folder>")
    .replaceAll(ROOT, "<root>")
    .replaceAll(/(RUN|DEV) +v\d+\.\d+\.\d+/g, "$1 v<version>")
    .replaceAll(/\d+(\.\d+)?(ms|s)\b/g, "<time>")
    .replaceAll(/\d\d:\d\d:\d\d/g, "<time>")
    .replaceAll(/(\.test\.ts:\d+):\d+ >/g, "$1 >")
    .replaceAll(/^ +(Start at|Duration) .*\n/gm, "")
    .replaceAll(/^JSON report written to .*\n/gm, "")
    .replaceAll(/[ \t]+$/gm, "");
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

function treeOf(report: string, folder: string): Tree {
  if (!existsSync(report)) return {};
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as JsonReport;
  const tree: { [name: string]: Tree } = {};
  for (const { name, assertionResults } of testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      let level = tree;
      for (const key of [name.replace(`${folder}/`, ""), ...ancestorTitles]) {
        level = (level[key] ??= {}) as { [name: string]: Tree };
      }
      // Two cases of one name would hide each other.
      level[title] = typeof level[title] === "string" ? `${level[title]}, ${status}` : status;
    }
  }
  return tree;
}
