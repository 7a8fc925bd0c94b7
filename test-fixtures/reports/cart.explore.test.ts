import { describe } from "vitest";
import { always, createTest } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

const test = createTest({ db: mock({ initialState: { items: [] } }) });

test.explore("cart", {
  actions: {
    add: ({ db }) => void db.execute("INSERT INTO items VALUES (?)", [{ name: "pen" }]),
    clear: ({ db }) => db.clear(),
  },
  depth: 2,
});

describe("small", () => {
  test.explore("cart", {
    actions: {
      add: ({ db }) => void db.execute("INSERT INTO items VALUES (?)", [{ name: "pen" }]),
    },
    invariants: {
      "one item at most": always(({ db }) => db.query("items").length < 2),
    },
    depth: 2,
  });
});
