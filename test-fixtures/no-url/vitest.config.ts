import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

const { POOL = "forks", PROJECTS } = process.env;

export default defineConfig({
  plugins: [explore()],
  test: {
    maxWorkers: 2,
    // The first server of its kind prepares a data folder, which takes seconds.
    testTimeout: 60_000,
    pool: POOL,
    ...(PROJECTS !== undefined && {
      projects: PROJECTS.split(",").map((name) => ({ extends: true, test: { name } })),
    }),
  },
});
