import { test } from "./world.ts";

test.explore("an app that does not answer", {
  actions: {
    start: {
      enabled: async ({ db }) => (await db.query("SELECT 1 FROM jobs")).length === 0,
      run: ({ api }) => api.post("/start"),
    },
    finish: ({ api }) => api.post("/finish"),
  },
  depth: 2,
});
