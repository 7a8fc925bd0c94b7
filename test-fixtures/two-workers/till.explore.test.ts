import { always } from "vitest-explore/test";
import { actions, meet, test } from "./hall.ts";

test("both workers are at work", ({ world }) =>
  meet("till", { db: world.db.url, cache: world.cache.url }));

test.explore("till", {
  actions,
  invariants: {
    "the till never owes money": always(
      async ({ cache }) => Number((await cache.get("till")) ?? 0) >= 0,
    ),
  },
  context: {},
  depth: 4,
});
