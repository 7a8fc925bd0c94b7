import { defineConfig } from "vitest/config";
import explore from "vitest-explore";

// The default of Vitest 5, for Vitest 4 too.
export default defineConfig({ plugins: [explore()], test: { clearMocks: true } });
