import { expect } from "vitest";
import type { HttpClient } from "vitest-explore/http";
import { always, sometimes, type WorldControls } from "vitest-explore/test";

interface Systems {
  readonly api: HttpClient;
  readonly db: { readonly query: (sql: string) => Promise<readonly unknown[]> };
}

interface Args extends Systems {
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

/** A test as one would write it by hand: what the app has committed can be undone. */
export async function rollsBack({ world }: { world: Systems & WorldControls }): Promise<void> {
  const { api, db } = world;
  await api.post("/orders", { amount: 100 });
  const paid = await world.checkpoint();

  await api.post("/orders/1/cancel");
  await api.post("/orders", { amount: 5 });
  expect(await db.query("SELECT status FROM orders ORDER BY id")).toEqual([
    { status: "cancelled" },
    { status: "paid" },
  ]);
  await world.rollback(paid);

  expect(await db.query("SELECT id, status FROM orders")).toEqual([{ id: 1, status: "paid" }]);
  // The counter went back too.
  expect((await api.post("/orders", { amount: 5 })).body["id"]).toBe(2);
}
