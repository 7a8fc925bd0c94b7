import { createTest } from "vitest-explore/test";
import { asked, note } from "./asked.ts";

const test = createTest({ cache: asked({ kind: "redis", options: { way: "binary" } }) });

test("second", ({ world }) => note({ url: world.cache.url }));
