import { always, createTest, sometimes } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";

const test = createTest({
  db: sqlite(),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    ready: "/health",
  }),
});

test.explore("shop", {
  actions: {
    "create order": {
      enabled: ({ context }) => context.orderId === undefined,
      run: async ({ api, context }) => {
        const { body } = await api.post("/orders", { amount: 100 });
        context.orderId = body.id;
      },
    },
    refund: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId}/refund`, { amount: 100 }),
    },
    cancel: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId}/cancel`),
    },
  },
  invariants: {
    "refunds never exceed the order": always(
      async ({ db }) =>
        (await db.query("SELECT 1 FROM orders WHERE refunded > amount")).length === 0,
    ),
    "an order can be refunded": sometimes(
      async ({ db }) => (await db.query("SELECT 1 FROM orders WHERE refunded > 0")).length > 0,
    ),
  },
  depth: 5,
});
