import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [explore({ report: "html" })],
        test: { name: "drawn", include: ["*.explore.test.ts"] },
      },
      {
        plugins: [explore({ report: "json" })],
        test: { name: "kept", include: ["cart.explore.test.ts"] },
      },
      {
        plugins: [explore()],
        test: { name: "plain", include: ["cart.explore.test.ts"] },
      },
    ],
  },
});
