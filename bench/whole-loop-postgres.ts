import { join } from "node:path";
import { Client } from "pg";
import { http, type HttpClient } from "../src/adapters/http/index.ts";
import { postgres, type PostgresHandle } from "../src/adapters/postgres/index.ts";
import type { Action } from "../src/explore/model.ts";
import type { AnyArgs } from "../src/fixtures/subject.ts";
import { probePostgres } from "../test/support/postgres/server.ts";
import type { Bench } from "./bench.ts";
import { STEPS } from "./headline-shop.ts";
import { profileLoop, profileTable, type LoopSubject, type Meter } from "./loop-profile.ts";
import { byTurns } from "./measure.ts";
import { startPostgres, type BenchServer } from "./postgres-database.ts";

const DEPTH = 7;

/** The time of an exploration of a real app over PostgreSQL, by who spends it. */
export const bench: Bench = {
  title: "The whole loop: an HTTP app over PostgreSQL",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    const { runs } = await byTurns(
      { runs: () => profileLoop(shop(server)) },
      { warmUp: 1, minRounds: 3, maxRounds: 5, budgetMs: 15_000 },
    );
    return {
      ...profileTable(runs, { withTrips: true }),
      notes: [
        `The app of \`test-fixtures/order-shop\`, a process of its own with a pool of its own; isolation \`undo\`, breadth first, depth ${DEPTH}: ${runs[0]?.transitions ?? 0} transitions, start-up not counted.`,
        "Round trips are those of our process; the app's own are part of its requests.",
      ],
      aims: [],
      versions: { PostgreSQL: server.version },
    };
  },
};

function shop(server: BenchServer): LoopSubject {
  return {
    systems: (meter) => {
      countQueries(meter);
      return {
        db: postgres({ url: server.url("postgres"), schema: "./schema" }),
        api: http({
          command: "node server.js",
          env: ({ db }) => ({ DATABASE_URL: (db as PostgresHandle).url }),
          ready: "/health",
        }),
      };
    },
    actions: (meter) => STEPS.map((step) => action(step, meter)),
    invariants: ({ charge }) => [
      {
        name: "a refund never exceeds its payment",
        expectation: "always",
        holds: ({ db }) =>
          charge("rules", async () => {
            const sql = "SELECT 1 FROM payments WHERE refunded > amount";
            return (await (db as PostgresHandle).query(sql)).length === 0;
          }),
      },
    ],
    root: join(import.meta.dirname, "..", "test-fixtures", "order-shop"),
    budget: { depth: DEPTH, maxTransitions: 10_000 },
  };
}

function action(step: (typeof STEPS)[number], { charge }: Meter): Action<AnyArgs> {
  return {
    name: step,
    run: (args) =>
      charge("actions", async () => {
        const api = args["api"] as HttpClient;
        const context = args["context"] as { orderId?: number };
        if (step !== "create order") {
          await api.post(`/orders/${context.orderId ?? 0}/${step}`);
          return;
        }
        const { body } = await api.post("/orders");
        context.orderId = (body as { readonly id: number }).id;
      }),
  };
}

// oxlint-disable-next-line typescript/unbound-method -- called with the client that it was called on
const sendQuery = Client.prototype.query;

/** Every query of the driver in this process is one round trip: none is sent before the last is answered. */
function countQueries({ trip }: Meter): void {
  Client.prototype.query = function query(this: Client, ...args: unknown[]) {
    trip();
    return Reflect.apply(sendQuery, this, args) as unknown;
  } as typeof sendQuery;
}
