import { expect } from "vitest";
import { always, createTest, sometimes } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

interface Order {
  readonly id: number;
  readonly amount: number;
  readonly refunded: number;
}

const test = createTest({ db: mock({ initialState: { orders: [] } }) });

test.explore<{ orderId?: number }>("shop", {
  actions: {
    "create order": {
      enabled: ({ context }) => context.orderId === undefined,
      run: ({ db, context }) => {
        context.orderId = db.query("orders").length + 1;
        db.execute("INSERT INTO orders VALUES (?)", [
          { id: context.orderId, amount: 100, refunded: 0 },
        ]);
      },
    },
    refund: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ db, context }) => {
        const order = db.query<Order>("orders").find(({ id }) => id === context.orderId);
        const refunded = (order?.refunded ?? 0) + 100;
        db.execute("UPDATE orders SET refunded = ? WHERE id = ?", [refunded, context.orderId]);
      },
    },
  },
  invariants: {
    "refunds never exceed the order": always(({ db }) =>
      db.query<Order>("orders").every(({ refunded, amount }) => refunded <= amount),
    ),
    "an order can be refunded": sometimes(({ db }) =>
      db.query<Order>("orders").some(({ refunded }) => refunded > 0),
    ),
  },
});

test("a hand-written test finds the world in its first state", async ({ world }) => {
  expect(world.db.query("orders")).toEqual([]);
  world.db.execute("INSERT INTO orders VALUES (?)", [{ id: 1, amount: 5, refunded: 0 }]);
  const before = await world.checkpoint();
  world.db.clear();

  await world.rollback(before);

  expect(world.db.query("orders")).toEqual([{ id: 1, amount: 5, refunded: 0 }]);
});

test("and so does the next one", ({ world }) => {
  expect(world.db.query("orders")).toEqual([]);
});
