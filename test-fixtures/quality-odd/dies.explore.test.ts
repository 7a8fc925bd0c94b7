import { always } from "vitest-explore/test";
import { test } from "./world.ts";

test.explore("an app that dies", {
  actions: {
    start: ({ api }) => api.post("/start"),
    finish: ({ api }) => api.post("/finish").then(() => undefined, () => undefined),
  },
  invariants: { "jobs are few": always(async ({ db }) => (await db.query("SELECT 1 FROM jobs")).length < 9) },
  depth: 3,
});
