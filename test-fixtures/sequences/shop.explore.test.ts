import { always, createTest } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

interface Order extends Readonly<Record<string, string | number>> {
  readonly id: number;
  readonly state: string;
}

const test = createTest({ db: mock({ initialState: { orders: [] } }) });

test.explore<{ ordered?: boolean }>("shop", {
  actions: {
    "create order": {
      enabled: ({ context }) => context.ordered !== true,
      run: ({ db, context }) => {
        db.execute("INSERT INTO orders VALUES (?)", [{ id: 1, state: "paid" }]);
        context.ordered = true;
      },
    },
    refund: {
      enabled: ({ context }) => context.ordered === true,
      run: ({ db }) => void db.execute("UPDATE orders SET state = ? WHERE id = ?", ["refunded", 1]),
    },
    cancel: {
      enabled: ({ context }) => context.ordered === true,
      run: ({ db }) =>
        void db.execute("UPDATE orders SET state = ? WHERE id = ?", ["cancelled", 1]),
    },
  },
  invariants: {
    "there is at most one order": always(({ db }) => db.query<Order>("orders").length <= 1),
  },
  depth: 2,
  paths: [
    ["create order", "refund", "refund"],
    ["create order", "cancel", "refund", "cancel", "refund", "cancel"],
  ],
});
