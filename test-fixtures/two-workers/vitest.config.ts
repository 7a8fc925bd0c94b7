import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

export default defineConfig({ plugins: [explore()], test: { maxWorkers: 2, testTimeout: 30_000 } });
