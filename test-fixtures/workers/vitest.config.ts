import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

const workers = Number(process.env["WORKERS"] ?? 1);

export default defineConfig({
  plugins: [explore({ workers, report: "json" })],
  test: { testTimeout: 30_000, hookTimeout: 30_000 },
});
