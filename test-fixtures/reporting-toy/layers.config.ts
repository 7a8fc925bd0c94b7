import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

// Takes one or both of the mechanisms away that a case per branch rests on.
const { TOY_RUNNER, TOY_REPORTER = "kept" } = process.env;

export default defineConfig({
  plugins: [
    explore(),
    {
      name: "remove-the-reporter",
      enforce: "post",
      configureVitest: ({ vitest }: { vitest: { config: { reporters: unknown[] } } }) => {
        if (TOY_REPORTER === "removed") vitest.config.reporters.shift();
      },
    },
  ],
  test: { ...(TOY_RUNNER !== undefined && { runner: TOY_RUNNER }) },
});
