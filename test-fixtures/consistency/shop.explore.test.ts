import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { redis } from "vitest-explore/redis";
import { always, createTest } from "vitest-explore/test";

const test = createTest({
  db: postgres({ schema: "schema.sql" }),
  cache: redis(),
  api: http({
    command: "node server.js",
    env: ({ db, cache }) => ({ DATABASE_URL: db.url, REDIS_URL: cache.url }),
    ready: "/health",
  }),
});

test.explore("shop", {
  actions: {
    "create order": async ({ api, context }) => {
      const { body } = await api.post("/orders");
      context.orderId = body.id;
    },
    cancel: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId}/cancel`),
    },
  },
  invariants: {
    "the cache counts the open orders": always(async ({ db, cache }) => {
      const rows = await db.query("SELECT 1 FROM orders WHERE status = 'open'");
      return rows.length === Number((await cache.get("order_count")) ?? 0);
    }),
  },
  depth: 3,
});
