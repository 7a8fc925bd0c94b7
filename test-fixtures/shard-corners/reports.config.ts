import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

export default defineConfig({ plugins: [explore({ report: ["json", "html"] })] });
