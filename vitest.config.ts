import { defineConfig } from "vitest/config";

const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});

export default defineConfig({
  test: {
    projects: [
      // No test is about time: on a busy machine the default of 5 s would be.
      project("unit", { testTimeout: 30_000 }),
      project("types", {
        include: [],
        typecheck: { enabled: true, only: true, include: ["test/types/**/*.test-d.ts"] },
      }),
      project("conformance", { testTimeout: 60_000, hookTimeout: 60_000 }),
      project("e2e", {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ["test/support/build-package.ts"],
      }),
    ],
  },
});
