import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { always, createTest } from "vitest-explore/test";

const test = createTest({
  db: postgres({ schema: "./schema" }),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_URL: db.url }),
    ready: "/health",
  }),
});

// A measurement asks for the same again and again, to see what it takes once everything is warm.
const rounds = Number(process.env["ROUNDS"] ?? 1);

for (let round = 1; round <= rounds; round += 1) {
  test.explore<{ orderId?: number }>(rounds === 1 ? "shop" : `shop, round ${round}`, {
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
