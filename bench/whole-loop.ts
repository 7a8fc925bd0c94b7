import { join } from "node:path";
import { http, type HttpClient } from "../src/adapters/http/index.ts";
import { sqlite, type SqliteHandle } from "../src/adapters/sqlite/index.ts";
import type { Action, Invariant } from "../src/explore/model.ts";
import type { AnyArgs } from "../src/fixtures/subject.ts";
import type { Bench } from "./bench.ts";
import { profileLoop, profileTable, type LoopSubject, type Meter } from "./loop-profile.ts";
import { byTurns } from "./measure.ts";

const TRANSITIONS = 600;

/** The time of an exploration of a real app, by who spends it. */
export const bench: Bench = {
  title: "The whole loop: an HTTP app over SQLite",
  run: async () => {
    const { runs } = await byTurns(
      { runs: () => profileLoop(SHOP) },
      { warmUp: 1, minRounds: 3, maxRounds: 5, budgetMs: 15_000 },
    );
    return {
      ...profileTable(runs, { withTrips: false }),
      notes: [
        `The app of \`test-fixtures/double-refund\`, a process of its own with its own connection; isolation \`undo\`, breadth first, ${TRANSITIONS} transitions, start-up not counted.`,
        "The app answers within half a millisecond, the request included. With a slower app more self-checks fit into their share of the time, up to one of each kind a rollback; all else of ours stays as it is.",
      ],
      aims: [],
    };
  },
};

const SHOP: LoopSubject = {
  systems: () => ({
    db: sqlite(),
    api: http({
      command: "node server.js",
      env: ({ db }) => ({ DATABASE_PATH: (db as SqliteHandle).path }),
      ready: "/health",
    }),
  }),
  actions,
  invariants: (meter) => [refundsFit(meter)],
  root: join(import.meta.dirname, "..", "test-fixtures", "double-refund"),
  budget: { depth: 30, maxTransitions: TRANSITIONS },
};

const AMOUNTS = [10, 20, 30];

function actions({ charge }: Meter): readonly Action<AnyArgs>[] {
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

function refundsFit({ charge }: Meter): Invariant<AnyArgs> {
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
