import { always, createTest } from "vitest-explore/test";
import { sqlite } from "vitest-explore/sqlite";

const schema = "CREATE TABLE entries (id INTEGER PRIMARY KEY, owner TEXT)";
const test = createTest({ db: sqlite({ schema, isolation: "undo" }) });

// Each has a world of its own: neither ever sees an entry of the other.
for (const owner of ["Ada", "Eve"]) {
  test.explore.concurrent(owner, {
    actions: {
      add: async ({ db }) => {
        await db.execute("INSERT INTO entries (owner) VALUES (?)", [owner]);
        await new Promise((resolve) => setTimeout(resolve, 20));
      },
      clear: ({ db }) => db.execute("DELETE FROM entries"),
    },
    invariants: {
      "every entry is its own": always(
        async ({ db }) =>
          (await db.query("SELECT 1 FROM entries WHERE owner <> ?", [owner])).length === 0,
      ),
    },
    depth: 3,
  });
}
