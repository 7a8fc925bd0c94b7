import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { always, createTest } from "vitest-explore/test";

const test = createTest({
  db: postgres({ url: process.env["POSTGRES_URL"] ?? "", schema: "./schema" }),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_URL: db.url }),
    ready: "/health",
  }),
});

// The same twice, so that the second shows what it takes once everything is warm.
for (const name of ["shop", "shop again"]) {
  test.explore<{ orderId?: number }>(name, {
    actions: {
      "create order": async ({ api, context }) => {
        const { body } = await api.post<{ id: number }>("/orders");
        context.orderId = body.id;
      },
      pay: ({ api, context }) => api.post(`/orders/${context.orderId ?? 0}/pay`),
      refund: ({ api, context }) => api.post(`/orders/${context.orderId ?? 0}/refund`),
      cancel: ({ api, context }) => api.post(`/orders/${context.orderId ?? 0}/cancel`),
    },
    invariants: {
      "a refund never exceeds its payment": always(
        async ({ db }) =>
          (await db.query("SELECT 1 FROM payments WHERE refunded > amount")).length === 0,
      ),
    },
    depth: 5,
  });
}
