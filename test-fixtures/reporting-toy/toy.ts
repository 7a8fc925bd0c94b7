/**
 * A stand-in for the search: every path of the given actions up to a depth, without states, worlds or
 * invariants. What is tested with it is how branches reach Vitest's reporters.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test as base } from "vitest";
import type { Attempt, Branch, ExplorationRecord, Summary } from "../../src/explore/records.ts";
import type * as chain from "../../src/fixtures/cases/chainable.ts";
import type { BranchContext, ExplorationControl } from "../../src/fixtures/cases/exploration.ts";
import type * as cases from "../../src/fixtures/cases/index.ts";

// The entry is not public, so it is found beside the package's public ones.
const dist = dirname(createRequire(import.meta.url).resolve("vitest-explore/package.json"));
const { declareExploration } = (await import(
  join(dist, "dist/fixtures/cases/index.js")
)) as typeof cases;
const { chainable } = (await import(
  join(dist, "dist/fixtures/cases/chainable.js")
)) as typeof chain;

/** What an action gets: the branch's case, and how often each action was run in this branch. */
export interface ToyArgs extends BranchContext {
  readonly done: readonly string[];
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly fixtures: Readonly<Record<string, unknown>>;
}

export interface Toy {
  readonly actions: Readonly<Record<string, (args: ToyArgs) => unknown>>;
  readonly depth?: number;
  readonly fixtures?: readonly string[];
}

/** Declares a toy exploration, in the way of `test.explore`. */
export const explore = exploreOn(base);

/** The same with the fixtures of another `test`. */
export function exploreOn(api: cases.DeclareTest): chain.Chainable<[name: string, toy?: Toy]> {
  return chainable((modes, name: string, toy: Toy = { actions: {} }) => {
    declareExploration(api, modes, {
      name,
      fixtures: toy.fixtures ?? [],
      run: (control) => walk(toy, control),
      onSummary: async (summary, driver) => {
        await driver.annotate(`${summary.transitions} transitions`, "explored");
      },
    });
  });
}

async function* walk(
  toy: Toy,
  control: ExplorationControl,
): AsyncGenerator<ExplorationRecord, Summary> {
  const names = Object.keys(toy.actions);
  let transitions = 0;
  for (const path of paths(names.length, toy.depth ?? 2)) {
    if (control.signal.aborted) break;
    const steps = path.map((action) => names[action] ?? "");
    const branch: Branch = { name: steps.join(" → "), path, steps };
    if (control.only?.(branch.name) === false) continue;
    const startTimeMs = Date.now();
    yield { type: "branch-started", branch, startTimeMs };
    const attempts: Attempt[] = [];
    do attempts.push(await attempt(toy, control, { branch, number: attempts.length }));
    while (attempts.at(-1)?.failure !== undefined && attempts.length <= control.retries);
    transitions += 1;
    const { failure } = attempts.at(-1) ?? {};
    const durationMs = attempts.reduce((sum, each) => sum + each.durationMs, 0);
    const status = failure === undefined ? "passed" : "failed";
    const finished = { type: "branch-finished", branch, status, attempts, durationMs } as const;
    yield failure === undefined ? finished : { ...finished, failure };
  }
  return summaryOf(transitions, control.signal.aborted);
}

async function attempt(
  toy: Toy,
  control: ExplorationControl,
  { branch, number }: { readonly branch: Branch; readonly number: number },
): Promise<Attempt> {
  const context = control.branchContext(branch.name);
  const startTimeMs = Date.now();
  const start = performance.now();
  const done: string[] = [];
  const args = (): ToyArgs => ({
    ...context,
    expect: context.expect,
    done: [...done],
    attempt: number,
    signal: control.signal,
    fixtures: control.fixtures,
  });
  try {
    for (const step of branch.steps) {
      await toy.actions[step]?.(args());
      done.push(step);
    }
  } catch (error) {
    if (error instanceof ExplorerError) throw error;
    const failure = { kind: "error", error } as const;
    return { startTimeMs, durationMs: performance.now() - start, failure };
  }
  return { startTimeMs, durationMs: performance.now() - start };
}

function* paths(actions: number, depth: number): Generator<number[]> {
  let level: number[][] = [[]];
  for (let length = 1; length <= depth; length += 1) {
    level = level.flatMap((path) =>
      Array.from({ length: actions }, (_, action) => [...path, action]),
    );
    yield* level;
  }
}

function summaryOf(transitions: number, aborted: boolean): Summary {
  return {
    outcome: aborted ? "budget" : "exhausted",
    complete: !aborted,
    ...(aborted && { endedBy: "aborted" as const }),
    unexplored: 0,
    states: transitions,
    transitions,
    replayedSteps: 0,
    depth: 0,
    neverEnabled: [],
    witnesses: new Map(),
    unwitnessed: [],
    failures: [],
    completeTo: 0,
    timings: [],
    fixed: [],
    gone: [],
  };
}

/** Fails the exploration and not the branch, as a system does that cannot be rolled back. */
export class ExplorerError extends Error {}

/** Resolves after a time, so that branches take one. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
