import { always } from "vitest-explore/test";
import { test } from "./world.ts";

test.explore("an app that writes after it has answered", {
  actions: {
    archive: ({ api }) => api.post("/archive"),
    open: ({ api }) => api.post("/open"),
    look: ({ api }) => api.get("/health"),
  },
  invariants: {
    "a job is open before it is archived": always(async ({ db }) => {
      const jobs = await db.query<{ state: string }>("SELECT state FROM jobs");
      return jobs.length === 0 || jobs[0]?.state === "open";
    }),
  },
  depth: 20,
});
