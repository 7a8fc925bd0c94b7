import { expect } from "vitest";
import { test } from "./shop.ts";

test("an empty cart can not be checked out", async ({ world }) => {
  expect((await world.api.post("/bob")).status).toBe(409);
});
