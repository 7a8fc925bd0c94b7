import { ExploreError } from "../errors.ts";
import { actionNumber, ARROW, type Path } from "../trace/path-codec.ts";
import type { Trace } from "../trace/trace.ts";
import type { Assistant } from "./assistants/errand.ts";
import type { OracleOptions } from "./judge.ts";
import type { Budget, Spent } from "./budget.ts";
import type { Strategy } from "./frontier.ts";
import type { Shard } from "./shard/shard.ts";
import type { Action, Invariant, Subject } from "./model.ts";

/** What to explore and how. Checked by whoever reads the user's spec. */
export interface ExploreOptions<Args, Mark = unknown> {
  readonly subject: Subject<Args, Mark>;
  /** A path names these by their numbers. Names differ and hold no arrow. */
  readonly actions: readonly Action<Args>[];
  /** Names differ. */
  readonly invariants: readonly Invariant<Args>[];
  readonly strategy: Strategy;
  /** Where the strategy's chance comes from. */
  readonly seed: number;
  readonly budget: Budget;
  /** How often a failed branch is run again; 0 when absent. */
  readonly retry?: number;
  /**
   * Which branches are reported. Others are run where the search needs them; they fail nothing. A
   * failure in the initial state is always reported.
   */
  readonly only?: (branch: string) => boolean;
  /** Runs just these paths, in this order, instead of searching. */
  readonly paths?: readonly Path[];
  /**
   * Paths that failed last time: run before anything else, each reported once. One that cannot be run
   * any more is told in the summary.
   */
  readonly remembered?: readonly Path[];
  /** Paths to run before the search, besides what it finds. They may be longer than the depth. */
  readonly written?: readonly Path[];
  /**
   * Run a part of the search only, as others run the rest. What is not part of the search belongs to
   * the first shard: the initial state, and what is in `written`. Not together with `only`, `paths`
   * and `remembered`, which may differ from machine to machine.
   */
  readonly shard?: Shard | undefined;
  /** Ends the exploration; the branch that is running is not reported as finished. */
  readonly signal: AbortSignal;
  /** Run around each reported branch; what they throw fails it. `afterBranch` runs in any case. */
  readonly beforeBranch?: (args: Args) => unknown;
  readonly afterBranch?: (args: Args) => unknown;
  /**
   * Each runs transitions ahead of the search as soon as it is there. Nothing that is told depends on
   * them: what did not simply pass is run again here. One that rejects is not asked any more.
   */
  readonly assistants?: readonly Promise<Assistant>[];
  /** Runs steps that would not be run without assistants: what they tell is not to be told. */
  readonly unheard?: <T>(run: () => Promise<T>) => Promise<T>;
  /** Tells what the user's functions have told an assistant in a branch that is taken over from it. */
  readonly retell?: (branch: string, told: unknown) => void;
  /** Rules that nobody wrote; none are judged when absent. */
  readonly oracles?: OracleOptions;
  /** Called at the start with a function that tells how far the search has come. */
  readonly watch?: (read: () => Spent & { readonly open: number; readonly depth: number }) => void;
  /** Record everything that happens; the summary holds the trace then. */
  readonly trace?: TraceHead;
}

/** What a trace says of the exploration that only its caller knows. */
export type TraceHead = Pick<Trace, "exploration" | "settings">;

/** @throws ExploreError `EXPLORE_BUG` for options that a reader of specs must have refused. */
export function assertOptions({
  actions,
  invariants,
  budget,
  retry = 0,
  paths = [],
  remembered = [],
  written = [],
}: Omit<ExploreOptions<never>, "subject" | "strategy" | "seed" | "signal">): void {
  const { depth, maxTransitions, maxStates, timeoutMs, stepTimeoutMs } = budget;
  assertNames("action", actions);
  assertNames("invariant", invariants);
  const withArrow = actions.find(({ name }) => name.includes(ARROW));
  assert(withArrow === undefined, `action "${withArrow?.name}" has an arrow in its name`);
  assert(Number.isInteger(depth) && depth >= 0, `depth is ${depth}`);
  assert(Number.isInteger(retry) && retry >= 0, `retry is ${retry}`);
  const limits = { maxTransitions, maxStates, timeoutMs, stepTimeoutMs };
  for (const [name, value] of Object.entries(limits)) {
    assert(value === undefined || value > 0, `${name} is ${value}`);
  }
  for (const path of [...paths, ...remembered, ...written]) {
    const unknown = path.find((step) => actions[actionNumber(step)] === undefined);
    assert(unknown === undefined, `a path names action ${unknown}`);
  }
}

function assertNames(what: string, named: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of named) {
    assert(!names.has(name), `two ${what}s are called "${name}"`);
    names.add(name);
  }
}

function assert(holds: boolean, otherwise: string): void {
  if (holds) return;
  throw new ExploreError(
    "EXPLORE_BUG",
    `explore: ${otherwise}.\nThis is a bug in vitest-explore: report it with the spec.`,
  );
}
