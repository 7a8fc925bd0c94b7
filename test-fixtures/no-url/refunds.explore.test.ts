import { always, createTest } from "vitest-explore/test";
import { postgres } from "vitest-explore/postgres";
import { note } from "./asked.ts";

const test = createTest({
  db: postgres({ schema: "schema.sql", server: { way: "binary" }, isolation: "undo" }),
});

test.explore("refunds", {
  actions: {
    add: ({ db }) => db.query("INSERT INTO orders (amount) VALUES (100)"),
    remove: ({ db }) => db.query("DELETE FROM orders WHERE id = 1"),
  },
  invariants: {
    "amounts are positive": always(async ({ db }) => {
      const rows = await db.query("SELECT 1 FROM orders WHERE amount <= 0");
      return rows.length === 0;
    }),
  },
  depth: 2,
});

test("where it was", ({ world }) => note({ url: world.db.url }));
