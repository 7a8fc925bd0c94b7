import { expect } from "vitest";
import { always, sometimes } from "vitest-explore/test";
import { test } from "./shop.ts";

test.explore("carts", {
  actions: {
    "Ann takes a cup": ({ api }) => api.post("/ann/cup"),
    "Ann takes a pot": ({ api }) => api.post("/ann/pot"),
    "Ann checks out": ({ api }) => api.post("/ann"),
    "Bob takes a cup": ({ api }) => api.post("/bob/cup"),
    "Bob takes a pot": ({ api }) => api.post("/bob/pot"),
    "Bob checks out": ({ api }) => api.post("/bob"),
  },
  invariants: {
    "nobody buys what is not there": always(
      async ({ db }) => (await db.query("SELECT 1 FROM stock WHERE left < 0")).length === 0,
    ),
    "Bob gets both": sometimes(
      async ({ db }) =>
        (await db.query("SELECT 1 FROM bought WHERE customer = 'bob'")).length === 2,
    ),
    "Ann gets both": sometimes(
      async ({ db }) =>
        (await db.query("SELECT 1 FROM bought WHERE customer = 'ann'")).length === 2,
    ),
  },
  depth: 5,
});

test("a cup can be bought", async ({ world }) => {
  await world.api.post("/ann/cup");
  const { body } = await world.api.post("/ann");
  expect(body).toEqual(["cup"]);
});
