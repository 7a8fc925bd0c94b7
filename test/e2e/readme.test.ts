import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFixture } from "../support/run-fixture.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

/** The fenced block that begins with a line, or the first of a language. */
function block(start: RegExp): string {
  const found = [...README.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)]
    .map(([, text = ""]) => text)
    .find((text) => start.test(text));
  if (found === undefined) throw new Error(`README.md has no block that begins with ${start}.`);
  return found;
}

/** Lines without what differs from run to run. */
function lines(text: string): readonly string[] {
  return text
    .replaceAll(/\d+(\.\d+)?m?s\b/g, "<time>")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
}

test("the spec and the configuration of the README give the output that it shows", async () => {
  await using fixture = openFixture("double-refund", "5");
  rmSync(join(fixture.folder, "shop.explore.test.ts"));
  writeFileSync(join(fixture.folder, "shop.explore.test.ts"), block(/^\/\/ shop\.explore/));
  writeFileSync(join(fixture.folder, "vitest.config.ts"), block(/^\/\/ vitest\.config/));

  const { tests, stdout, stderr } = await fixture.run();

  expect(tests).toEqual({
    "shop.explore.test.ts": {
      shop: {
        exploration: "passed",
        "create order": "passed",
        "create order → refund": "passed",
        "create order → refund → refund": "failed",
      },
    },
  });
  const printed = new Set([...lines(stdout), ...lines(stderr)]);
  const missing = lines(block(/^ ❯ shop\.explore/)).filter((line) => !printed.has(line));
  expect(missing).toEqual([]);
});
