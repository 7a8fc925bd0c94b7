import { createTest } from "vitest-explore/test";
import { asked } from "./asked.ts";

const options = { way: "binary", folder: "/nowhere" } as const;
const test = createTest({ db: asked({ kind: "postgres", options }) });

test("needs a server", ({ world, expect }) => {
  expect(world.db.url).toBe("never seen");
});
