import type { HttpClient } from "vitest-explore/http";
import { always, sometimes } from "vitest-explore/test";

interface Args {
  readonly api: HttpClient;
  readonly db: { readonly query: (sql: string) => Promise<readonly unknown[]> };
  readonly context: { orderId?: number };
}

/** What is explored, whatever ORM and database are under it. */
export const shop = {
  actions: {
    "create order": {
      enabled: ({ context }: Args) => context.orderId === undefined,
      run: async ({ api, context }: Args) => {
        const response = await api.post("/orders", { amount: 100 });
        context.orderId = Number(response.expectStatus(200).body.id);
      },
    },
    refund: {
      enabled: ({ context }: Args) => context.orderId !== undefined,
      run: ({ api, context }: Args) =>
        api.post(`/orders/${context.orderId}/refund`, { amount: 100 }),
    },
    cancel: {
      enabled: ({ context }: Args) => context.orderId !== undefined,
      run: ({ api, context }: Args) => api.post(`/orders/${context.orderId}/cancel`),
    },
  },
  invariants: {
    "refunds never exceed the order": always(
      async ({ db }: Args) =>
        (await db.query("SELECT 1 FROM orders WHERE refunded > amount")).length === 0,
    ),
    "an order can be refunded": sometimes(
      async ({ db }: Args) =>
        (await db.query("SELECT 1 FROM orders WHERE refunded > 0")).length > 0,
    ),
  },
  context: {},
  depth: 5,
};
