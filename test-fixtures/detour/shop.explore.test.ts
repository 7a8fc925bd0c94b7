import { always, createTest } from "vitest-explore/test";
import { mock, type MockHandle } from "vitest-explore/mock";

interface Cart extends Readonly<Record<string, string | number>> {
  readonly id: string;
  readonly items: number;
  readonly coupon: number;
}

const test = createTest({
  db: mock({ initialState: { carts: [{ id: "ann", items: 0, coupon: 0 }] } }),
});

const cartOf = (db: MockHandle): Cart =>
  db.query<Cart>("carts")[0] ?? { id: "ann", items: 0, coupon: 0 };

test.explore("shop", {
  actions: {
    "add item": {
      enabled: ({ db }) => cartOf(db).items < 6,
      run: ({ db }) =>
        void db.execute("UPDATE carts SET items = ? WHERE id = ?", [cartOf(db).items + 1, "ann"]),
    },
    "remove item": {
      enabled: ({ db }) => cartOf(db).items > 0,
      run: ({ db }) =>
        void db.execute("UPDATE carts SET items = ? WHERE id = ?", [cartOf(db).items - 1, "ann"]),
    },
    "use coupon": {
      // The bug: a coupon can be used again.
      run: ({ db }) =>
        void db.execute("UPDATE carts SET coupon = ? WHERE id = ?", [cartOf(db).coupon + 1, "ann"]),
    },
  },
  invariants: {
    "a coupon is used once": always(({ db }) => cartOf(db).coupon <= 1),
  },
  strategy: "randomWalk",
  seed: 2,
  depth: 20,
  maxTransitions: 12,
});
