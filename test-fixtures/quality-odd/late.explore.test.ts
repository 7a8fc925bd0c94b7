import { always } from "vitest-explore/test";
import { test } from "./world.ts";

test.explore("an app that writes after it has answered", {
  actions: {
    archive: ({ api }) => api.post("/archive"),
    start: {
      enabled: async ({ db }) => (await db.query("SELECT 1 FROM jobs WHERE state = 'started'")).length === 0,
      run: ({ api }) => api.post("/start"),
    },
    wait: ({ api }) => api.get("/health"),
  },
  invariants: {
    "nothing is archived before it was started": always(
      async ({ db }) =>
        (await db.query("SELECT 1 WHERE EXISTS (SELECT 1 FROM jobs WHERE state = 'archived') AND NOT EXISTS (SELECT 1 FROM jobs WHERE state = 'started')")).length === 0,
    ),
  },
  depth: 3,
});
