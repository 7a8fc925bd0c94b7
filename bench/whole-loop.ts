import { provideNothing } from "../test/support/provision/nothing.ts";
import { join } from "node:path";
import type { Adapter, System } from "../src/adapters/adapter.ts";
import { http, type HttpClient } from "../src/adapters/http/index.ts";
import { sqlite, type SqliteHandle } from "../src/adapters/sqlite/index.ts";
import { explore } from "../src/explore/explore.ts";
import type { Action, Invariant } from "../src/explore/model.ts";
import { STRATEGIES } from "../src/explore/strategies/index.ts";
import { connectWorld } from "../src/fixtures/connect-world.ts";
import { worldSubject, type AnyArgs } from "../src/fixtures/subject.ts";
import { createWorkFolder } from "../src/provision/folders.ts";
import type { Bench } from "./bench.ts";
import { byTurns, median } from "./measure.ts";

const APP = join(import.meta.dirname, "..", "test-fixtures", "double-refund");
const TRANSITIONS = 600;

/** What a part of the loop is made of; each millisecond is counted in one of them. */
const PARTS = {
  actions: "the app's requests (actions)",
  rules: "the user's queries (invariants)",
  rollback: "checkpoint, rollback, release",
  difference: "reading what changed",
  observe: "self-check: reading whole contents",
  rest: "naming states, search, and all else",
} as const;

type Part = keyof typeof PARTS;
type Times = Record<Part, number>;

/** The time of an exploration of a real app, by who spends it. */
export const bench: Bench = {
  title: "The whole loop: an HTTP app over SQLite",
  run: async () => {
    const { runs } = await byTurns(
      { runs: exploreShop },
      { warmUp: 1, minRounds: 3, maxRounds: 5, budgetMs: 15_000 },
    );
    const found = Object.fromEntries(
      (Object.keys(PARTS) as Part[]).map((part) => [part, median(runs.map((run) => run[part]))]),
    ) as Times;
    const total = Object.values(found).reduce((sum, ms) => sum + ms, 0);
    const ours = total - found.actions - found.rules;
    return {
      columns: ["part", "ms a transition", "share"],
      rows: [
        ...(Object.keys(PARTS) as Part[]).map((part) => [
          PARTS[part],
          found[part] / TRANSITIONS,
          percent(found[part] / total),
        ]),
        ["all", total / TRANSITIONS, "100 %"],
        ["ours: all but the first two", ours / TRANSITIONS, percent(ours / total)],
      ],
      notes: [
        `The app of \`test-fixtures/double-refund\`, a process of its own with its own connection; isolation \`undo\`, breadth first, ${TRANSITIONS} transitions, start-up not counted.`,
        "The app answers within half a millisecond, the request included. With a slower app more self-checks fit into their share of the time, up to one of each kind a rollback; all else of ours stays as it is.",
      ],
      aims: [],
    };
  },
};

/** Explores the shop once and tells the milliseconds of each part. */
async function exploreShop(): Promise<Times> {
  const times: Times = { actions: 0, rules: 0, rollback: 0, difference: 0, observe: 0, rest: 0 };
  const charge = charger(times);
  const systems = {
    db: metered(sqlite(), charge),
    api: metered(
      http({
        command: "node server.js",
        env: ({ db }) => ({ DATABASE_PATH: (db as SqliteHandle).path }),
        ready: "/health",
      }),
      charge,
    ),
  };
  const place = {
    slot: `bench-${process.pid}`,
    root: APP,
    createFolder: createWorkFolder,
    provide: provideNothing,
  };
  await using live = await connectWorld(systems, place);
  for (const part of Object.keys(times) as Part[]) times[part] = 0;
  const start = performance.now();
  const subject = worldSubject({
    live,
    context: {},
    fixtures: {},
    tools: () => ({ expect: noExpect, annotate: () => {} }),
    identity: undefined,
  });
  const records = explore({
    subject,
    actions: actions(charge),
    invariants: [refundsFit(charge)],
    strategy: STRATEGIES.breadthFirst,
    seed: 1,
    budget: { depth: 30, maxTransitions: TRANSITIONS, stepTimeoutMs: 5000 },
    signal: new AbortController().signal,
  });
  let step = await records.next();
  while (step.done !== true) step = await records.next();
  const totalMs = performance.now() - start;
  await subject.close();
  if (step.value.transitions !== TRANSITIONS) throw new Error("the shop is too small");
  times.rest = totalMs - Object.values(times).reduce((sum, ms) => sum + ms, 0);
  return times;
}

type Charge = <T>(part: Part, run: () => Promise<T>) => Promise<T>;

/** The loop does one thing at a time, so what lies between call and answer is that part's. */
function charger(times: Times): Charge {
  return async (part, run) => {
    const start = performance.now();
    try {
      return await run();
    } finally {
      times[part] += performance.now() - start;
    }
  };
}

function metered<Handle>(system: System<Handle>, charge: Charge): System<Handle> {
  return {
    ...system,
    connect: async (environment) => {
      const connected = await system.connect(environment);
      return { ...connected, adapter: meteredAdapter(connected.adapter, charge) };
    },
  };
}

function meteredAdapter(adapter: Adapter, charge: Charge): Adapter {
  // Inherited, not spread: a spread would read what it can do before it is open.
  return Object.assign(Object.create(adapter) as Adapter, {
    checkpoint: () => charge("rollback", adapter.checkpoint),
    rollback: (to) => charge("rollback", () => adapter.rollback(to)),
    release: (checkpoint) => charge("rollback", () => adapter.release(checkpoint)),
    diff: (since) => charge("difference", () => adapter.diff(since)),
    observe: (onText) => charge("observe", () => adapter.observe(onText)),
  } satisfies Partial<Adapter>);
}

const AMOUNTS = [10, 20, 30];

function actions(charge: Charge): readonly Action<AnyArgs>[] {
  const action = (
    name: string,
    needsOrder: boolean,
    run: (shop: { readonly api: HttpClient; readonly context: Context }) => Promise<unknown>,
  ): Action<AnyArgs> => ({
    name,
    enabled: (args) => ((args["context"] as Context).orderId !== undefined) === needsOrder,
    run: ({ api, context }) =>
      charge("actions", () => run({ api: api as HttpClient, context: context as Context })),
  });
  return [
    action("create order", false, async ({ api, context }) => {
      const { body } = await api.post("/orders", { amount: 100_000 });
      context.orderId = (body as { readonly id: number }).id;
    }),
    ...AMOUNTS.map((amount) =>
      action(`refund ${amount}`, true, ({ api, context }) =>
        api.post(`/orders/${context.orderId}/refund`, { amount }),
      ),
    ),
    action("next order", true, async ({ context }) => {
      delete context.orderId;
    }),
  ];
}

interface Context {
  orderId?: number;
}

function refundsFit(charge: Charge): Invariant<AnyArgs> {
  return {
    name: "refunds never exceed the order",
    expectation: "always",
    holds: ({ db }) =>
      charge("rules", async () => {
        const sql = "SELECT 1 FROM orders WHERE refunded > amount";
        return (await (db as SqliteHandle).query(sql)).length === 0;
      }),
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The actions above do not ask for it. */
const noExpect = undefined as never;
