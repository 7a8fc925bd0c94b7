import { always } from "vitest-explore/test";
import { actions, meet, test } from "./hall.ts";

test("both workers are at work", ({ world }) =>
  meet("seats", { db: world.db.url, cache: world.cache.url }));

test.explore("seats", {
  actions,
  invariants: {
    "no seat is sold twice": always(async ({ db }) => {
      const taken = "SELECT count(*) FROM tickets WHERE returned = 0";
      return (await db.query(`SELECT 1 FROM hall WHERE (${taken}) <= seats`)).length === 1;
    }),
  },
  context: {},
  depth: 5,
});
