import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";

export const test = createTest({
  db: sqlite(),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path, FIXED: process.env["FIXED"] ?? "" }),
    ready: "/health",
  }),
});
