import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

// One after another: what the first file has set up is there for the second.
export default defineConfig({ plugins: [explore()], test: { maxWorkers: 1, testTimeout: 60_000 } });
