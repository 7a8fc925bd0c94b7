import { provideNothing } from "./provision/nothing.ts";
import { http } from "../../src/adapters/http/index.ts";
import { sqlite, type SqliteHandle } from "../../src/adapters/sqlite/index.ts";
import { explore } from "../../src/explore/explore.ts";
import type { BranchFinished, Summary } from "../../src/explore/records.ts";
import { STRATEGIES, type StrategyName } from "../../src/explore/strategies/index.ts";
import { connectWorld } from "../../src/fixtures/connect-world.ts";
import { readSpec } from "../../src/fixtures/read-spec.ts";
import { type AnyArgs, worldSubject } from "../../src/fixtures/subject.ts";
import { createWorkFolder } from "../../src/provision/ownership/folders.ts";
import type { TruthPlace, TruthSpec } from "./ground-truth.ts";

/** What an exploration believes: which action leads from which state to which. */
export interface Explored {
  readonly root: string;
  /** By `edgeKey`. */
  readonly edges: ReadonlyMap<string, string>;
  readonly failed: readonly BranchFinished[];
  readonly summary: Summary;
  /** Edges of which a second run ended in another state. */
  readonly contradictions: readonly string[];
}

/** A key for `Explored.edges`. */
function edgeKey(from: string, action: number): string {
  return `${from} ${action}`;
}

/** Where the exploration believes that a path ends; `undefined` when it ran no such path. */
export function stateAfter({ root, edges }: Explored, path: readonly number[]): string | undefined {
  let at: string | undefined = root;
  for (const action of path) at = at === undefined ? undefined : edges.get(edgeKey(at, action));
  return at;
}

/** What the truth needs, and what only an exploration does. */
export interface ExploredSpec extends TruthSpec {
  readonly reset?: ((api: never) => unknown) | undefined;
  readonly identity?: (args: never) => unknown;
}

let worlds = 0;

function unused(): never {
  throw new Error("these specs use no tools of Vitest");
}

/** Explores as `test.explore` does, and keeps the graph of states. */
export async function explored(
  { command, env = {}, schema, reset, ...spec }: ExploredSpec,
  { folder, depth, strategy = "breadthFirst" }: TruthPlace & { readonly strategy?: StrategyName },
): Promise<Explored> {
  worlds += 1;
  const api = http({
    command,
    env: ({ db }: { readonly db: SqliteHandle }) => ({ DATABASE_PATH: db.path, ...env }),
    ready: "/health",
    ...(reset && { reset: reset as () => unknown }),
  });
  const slot = `truth-${worlds}`;
  const place = { slot, root: folder, createFolder: createWorkFolder, provide: provideNothing };
  await using live = await connectWorld(
    { db: sqlite(schema === undefined ? {} : { schema }), api },
    place,
  );
  const checked = readSpec<AnyArgs>("truth", { ...spec, depth });
  const { context, identity, invariants, seed } = checked;
  const subject = worldSubject({ live, context, identity, fixtures: {}, tools: unused });

  const edges = new Map<string, string>();
  const contradictions: string[] = [];
  const states = new Map<object, string>();
  // The first checkpoint is taken before the first state has a name.
  let root = "";
  let here = "";
  let taken: string | undefined;
  const failed: BranchFinished[] = [];
  const run = explore({
    subject: {
      ...subject,
      checkpoint: async () => {
        const mark = await subject.checkpoint();
        states.set(mark, here);
        return mark;
      },
      rollback: async (mark) => {
        await subject.rollback(mark);
        here = states.get(mark) || root;
        taken = undefined;
      },
      fingerprint: async () => {
        here = await subject.fingerprint();
        root ||= here;
        if (taken !== undefined) {
          if ((edges.get(taken) ?? here) !== here) contradictions.push(taken);
          edges.set(taken, edges.get(taken) ?? here);
        }
        taken = undefined;
        return here;
      },
    },
    actions: checked.actions.map((action, index) => ({
      ...action,
      run: (args) => {
        taken = edgeKey(here, index);
        return action.run(args as AnyArgs);
      },
    })),
    invariants,
    strategy: STRATEGIES[strategy],
    seed,
    budget: { depth, stepTimeoutMs: 10_000 },
    signal: new AbortController().signal,
  });
  for (;;) {
    const next = await run.next();
    if (next.done === true) {
      await subject.close();
      await live.world.reset();
      return { root, edges, failed, summary: next.value, contradictions };
    }
    if (next.value.type === "branch-finished" && next.value.status === "failed") {
      failed.push(next.value);
    }
  }
}
