import { expect } from "vitest";
import { http } from "vitest-explore/http";
import { type SqliteHandle, sqlite } from "vitest-explore/sqlite";
import { always, createTest } from "vitest-explore/test";
import { fetchShop, nodeShop } from "./shop.ts";

const kinds = {
  "a fetch handler": http({
    app: ({ db }: { db: SqliteHandle }) => ({ fetch: fetchShop(db.connection) }),
  }),
  "a Node handler": http({ app: ({ db }: { db: SqliteHandle }) => nodeShop(db.connection) }),
};

for (const [kind, api] of Object.entries(kinds)) {
  const test = createTest({ api, db: sqlite({ schema: "schema.sql" }) });

  test.explore<{ orderId?: number }>(kind, {
    actions: {
      "create order": {
        enabled: ({ context }) => context.orderId === undefined,
        run: async ({ api, context }) => {
          context.orderId = (await api.post<{ id: number }>("/orders")).expectStatus(201).body.id;
        },
      },
      refund: {
        enabled: ({ context }) => context.orderId !== undefined,
        run: ({ api, context }) => api.post(`/orders/${context.orderId}/refund`),
      },
    },
    invariants: {
      "refunds never exceed the order": always(
        async ({ db }) =>
          (await db.query("SELECT 1 FROM orders WHERE refunded > amount")).length === 0,
      ),
    },
  });
}

const test = createTest({ db: sqlite({ schema: "schema.sql" }) });

test("a test that only uses the handle", async ({ world }) => {
  const before = await world.checkpoint();
  await world.db.execute("DELETE FROM orders");
  await world.rollback(before);

  expect(await world.db.query("SELECT id, amount FROM orders")).toEqual([{ id: 1, amount: 7 }]);
  await world.db.execute("DELETE FROM orders");
});

test("the next one finds the first state, counters included", async ({ world }) => {
  const { lastInsertRowid } = await world.db.execute("INSERT INTO orders (amount) VALUES (1)");

  expect(lastInsertRowid).toBe(2);
});
