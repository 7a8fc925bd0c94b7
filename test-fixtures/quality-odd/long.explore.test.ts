import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";

const test = createTest({
  db: sqlite({ path: "./user.db" }),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    ready: "/health",
  }),
});

test.explore("an exploration without end", {
  actions: { open: ({ api }) => api.post("/open") },
  depth: Number(process.env.DEPTH ?? 1_000_000),
});
