import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";
import { always, createTest } from "vitest-explore/test";
import { most } from "./amounts.ts";

const test = createTest({
  db: sqlite({ schema: "./schema.sql" }),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    watch: ["server.js", "app"],
  }),
});

test.explore<{ orderId?: number }>("shop", {
  actions: {
    "create order": {
      enabled: ({ context }) => context.orderId === undefined,
      run: async ({ api, context }) => {
        const { body } = await api.post<{ id: number }>("/orders");
        context.orderId = body.id;
      },
    },
    refund: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId ?? 0}/refund`),
    },
  },
  invariants: {
    "refunds never exceed the order": always(
      async ({ db }) =>
        (await db.query("SELECT 1 FROM orders WHERE refunded > ?", [most])).length === 0,
    ),
  },
  depth: 4,
});
