import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { http } from "../../src/adapters/http/index.ts";
import type { Rule } from "../../src/fixtures/spec.ts";
import { branchName } from "../../src/trace/path-codec.ts";
import { type Labels, normalised, recordingClient, renumbered } from "./ground-truth-trace.ts";
import { provideNothing } from "./provision/nothing.ts";

// The specs type what their functions receive; here it is made up for them.
type Step = (args: never) => unknown;

/** What the truth needs to know of an app and its spec. */
export interface TruthSpec {
  readonly command: string;
  /** What the database holds before the app starts. */
  readonly schema?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly actions: Readonly<
    Record<string, Step | { readonly enabled?: Step; readonly run: Step }>
  >;
  readonly invariants: Readonly<Record<string, Rule<never>>>;
  readonly context: object;
}

/** What was seen after a sequence of actions, run from scratch. */
export interface TruthNode {
  readonly path: readonly number[];
  /** Statuses and bodies of the last action's responses, with `#0`, `#1`… for what is generated. */
  readonly outcome: string;
  /** The first rule that does not hold; nothing is run beyond it. */
  readonly violated: string | undefined;
  readonly enabled: readonly number[];
}

/** Every sequence of enabled actions up to a depth. */
export interface Truth {
  readonly names: readonly string[];
  /** By `keyOf` their path. */
  readonly nodes: ReadonlyMap<string, TruthNode>;
  /** How often the app was started. */
  readonly runs: number;
}

/** Where and how far. */
export interface TruthPlace {
  /** Where the app's command is run. */
  readonly folder: string;
  readonly depth: number;
}

/** A key for `Truth.nodes`. */
export function keyOf(path: readonly number[]): string {
  return path.join("/");
}

/** A path by the names of its actions. */
export function nameOf(names: readonly string[], path: readonly number[]): string {
  return branchName(path.map((action) => names[action] ?? "?"));
}

/** Apps that run at the same time. */
const CONCURRENCY = 3;

/**
 * Runs every sequence of enabled actions, each in a new process of the app on a new database. Uses
 * nothing of the package but its HTTP client.
 *
 * @throws When two runs of one sequence differ: then there is no truth to compare with.
 */
export async function groundTruth(spec: TruthSpec, place: TruthPlace): Promise<Truth> {
  const nodes = new Map<string, TruthNode>();
  const pending: (readonly number[])[] = [[]];
  const active = new Set<Promise<void>>();
  let runs = 0;

  /** Runs a path and goes on to the depth; what it passes by for the first time is added. */
  async function run(path: readonly number[]): Promise<void> {
    runs += 1;
    await using app = await startRun(spec, place.folder);
    for (let at: readonly number[] = []; ;) {
      const node = await app.look(at);
      const known = nodes.get(keyOf(at));
      nodes.set(keyOf(at), known ?? node);
      assertSame(known ?? node, node);
      const [first, ...others] = node.violated === undefined ? node.enabled : [];
      if (first === undefined || at.length === place.depth) return;
      const here = at;
      if (known === undefined) pending.push(...others.map((other) => [...here, other]));
      const action = path[at.length] ?? first;
      at = [...at, action];
      await app.act(action);
    }
  }

  while (pending.length > 0 || active.size > 0) {
    while (active.size < CONCURRENCY && pending.length > 0) {
      const running = run(pending.pop() ?? []).finally(() => active.delete(running));
      active.add(running);
    }
    await Promise.race(active);
  }
  return { names: Object.keys(spec.actions), nodes, runs };
}

/** What a node shows to somebody who did not see how it was reached. */
export function textOf({ outcome, violated, enabled }: TruthNode, labels: Labels): string {
  return `${renumbered(outcome, labels)} ${violated ?? "sound"} [${enabled.join()}]`;
}

function assertSame(first: TruthNode, second: TruthNode): void {
  const [one, other] = [first, second].map((node) => JSON.stringify(node));
  if (one !== other) throw new Error(`An app is not deterministic:\n  ${one}\n  ${other}`);
}

interface TruthRun extends AsyncDisposable {
  readonly act: (action: number) => Promise<void>;
  readonly look: (path: readonly number[]) => Promise<TruthNode>;
}

async function startRun(spec: TruthSpec, folder: string): Promise<TruthRun> {
  const directory = mkdtempSync(join(tmpdir(), "explore-truth-"));
  const path = join(directory, "app.db");
  const database = new Database(path);
  database.exec(spec.schema ?? "");
  // The app may want to choose the journal, which needs the file to itself.
  database.close();
  const [program = "", ...args] = spec.command.split(" ");
  const connected = await http({
    command: [program === "node" ? process.execPath : program, ...args],
    cwd: folder,
    env: { DATABASE_PATH: path, ...spec.env },
    ready: "/health",
  }).connect({
    name: "api",
    slot: "truth",
    directory,
    root: folder,
    handles: {},
    provide: provideNothing,
  });
  const reader = new Database(path);
  const actions = Object.values(spec.actions).map((action) =>
    typeof action === "function" ? { run: action } : action,
  );
  const labels: Labels = new Map();
  let outcome: unknown[] = [];
  let last = "";
  const told = (status: number, body: unknown): void => void outcome.push([status, body]);
  const world = {
    api: recordingClient(connected.handle, told),
    db: { query: async (sql: string) => reader.prepare(sql).all() },
    context: structuredClone(spec.context),
  } as never;

  async function firstViolated(): Promise<string | undefined> {
    for (const [name, { expectation, holds }] of Object.entries(spec.invariants)) {
      if (expectation === "always" && !(await holds(world))) return name;
    }
    return undefined;
  }

  return {
    act: async (action) => {
      outcome = [];
      await actions[action]?.run(world);
      last = normalised(outcome, String(action), labels);
    },
    look: async (path) => {
      const enabled: number[] = [];
      for (const [index, action] of actions.entries()) {
        if ((await action.enabled?.(world)) !== false) enabled.push(index);
      }
      return { path, outcome: last, violated: await firstViolated(), enabled };
    },
    [Symbol.asyncDispose]: async () => {
      reader.close();
      await connected.adapter[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
