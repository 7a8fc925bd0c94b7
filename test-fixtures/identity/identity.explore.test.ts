import { sqlite } from "vitest-explore/sqlite";
import { createTest } from "vitest-explore/test";

const test = createTest({
  db: sqlite({
    schema: "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT, note TEXT)",
  }),
});

interface Args {
  readonly db: { readonly execute: (sql: string) => Promise<unknown> };
}

const actions = {
  order: ({ db }: Args) => db.execute("INSERT INTO orders (status) VALUES ('open')"),
  note: ({ db }: Args) => db.execute("UPDATE orders SET note = 'noted'"),
  remove: ({ db }: Args) => db.execute("DELETE FROM orders"),
};
const depth = 3;

test.explore("the default", { actions, depth });

test.explore("coarser", {
  actions,
  depth,
  identity: ({ db }) => db.query("SELECT status, count(*) FROM orders GROUP BY status"), // coarser
});

test.explore("finer", {
  actions,
  depth,
  identity: async ({ state, db }) => [state, await db.query("SELECT seq FROM sqlite_sequence")], // finer
});
