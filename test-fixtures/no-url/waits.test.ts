import { createTest } from "vitest-explore/test";
import { asked, note } from "./asked.ts";

const test = createTest({ cache: asked({ kind: "redis", options: { way: "binary" } }) });

test("waits", async ({ world }) => {
  note({ url: world.cache.url });
  console.log("at work");
  await new Promise((resolve) => setTimeout(resolve, 50_000));
});
