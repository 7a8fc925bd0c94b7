import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runFixture } from "../support/run-fixture.ts";

const ROOT = join(import.meta.dirname, "../..");

function read(folder: string, ending: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules"))
    .map((file) => readFileSync(join(ROOT, folder, file), "utf8"))
    .join("\n");
}

test("every line of code in docs/ is a line of a fixture, so it has been run", () => {
  const fixtures = new Set(read("test-fixtures", ".ts").split("\n").map(squeeze));

  const examples = [...read("docs", ".md").matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .flatMap(([, code = ""]) => code.split("\n"))
    .map(squeeze)
    .filter((line) => line !== "");

  expect(examples).not.toEqual([]);
  expect(examples.filter((line) => !fixtures.has(line))).toEqual([]);
});

function squeeze(line: string): string {
  return line.trim().replaceAll(/\s+/g, " ");
}

test("a state is what `identity` makes of it", async () => {
  const { stdout } = await runFixture("identity", { vitest: "5" });

  expect(stdout.match(/\d+ states?, \d+ transitions?/g)).toEqual([
    // No order; one; one noted, two; two noted, one of two noted, three.
    "7 states, 12 transitions",
    // None, one, two or three orders.
    "4 states, 9 transitions",
    // The counter too: an order that was removed is not as if it had never been.
    "10 states, 15 transitions",
  ]);
});
