import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

export default defineConfig({
  plugins: [explore()],
  test: {
    projects: [
      { extends: true, test: { name: "north", include: ["shop.test.ts"] } },
      { extends: true, test: { name: "south", include: ["shop.test.ts", "modes.test.ts"] } },
    ],
  },
});
