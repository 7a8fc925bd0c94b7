import { join } from "node:path";
import { createTest } from "vitest-explore/test";
import { asked } from "./asked.ts";

const options = { way: "binary", folder: join(import.meta.dirname, "slow") } as const;
const test = createTest({ cache: asked({ kind: "redis", options }) });

test("waits for its server", ({ world, expect }) => {
  expect(world.cache.way).toBe(`binary ${options.folder}`);
});
