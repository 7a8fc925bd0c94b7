import { defineConfig } from "vitest/config";

/** The lane that needs a container engine: `npm run test:containers`. */
export default defineConfig({
  test: {
    name: "containers",
    include: ["test/containers/**/*.test.ts"],
    // Images are pulled here when they are missing.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
