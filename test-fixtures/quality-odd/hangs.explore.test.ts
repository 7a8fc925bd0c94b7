import { test } from "./world.ts";

test.explore("an app that does not answer", {
  actions: {
    finish: ({ api }) => api.post("/finish"),
    start: {
      enabled: async ({ db }) => (await db.query("SELECT 1 FROM jobs WHERE state = 'started'")).length === 0,
      run: ({ api }) => api.post("/start"),
    },
  },
  depth: 2,
});
