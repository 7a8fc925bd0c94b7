import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startVitest } from "vitest/node";

const LANE = fileURLToPath(new URL("../support/lane.ts", import.meta.url));
const SPEC = `
import { expect, test } from "vitest";
import { lane, needs } from ${JSON.stringify(LANE)};
lane("here", needs(process.execPath), () => test("runs", () => expect(1).toBe(1)));
lane("elsewhere", needs("no-such-program-anywhere"), () => test("never runs", () => expect(1).toBe(2)));
lane("broken", needs(process.execPath, ["-e", "process.exit(3)"]), () => test("never runs", () => {}));
`;
let root = "";

beforeEach(async () => {
  const parent = join(import.meta.dirname, "../../.work");
  await mkdir(parent, { recursive: true });
  root = await mkdtemp(join(parent, "lane-"));
  await writeFile(join(root, "spec.test.ts"), SPEC);
});

afterEach(() => rm(root, { recursive: true }));

test("a lane that cannot run is one skipped test with the reason", async () => {
  expect(await results({ CI: "" })).toEqual([
    "here > runs: passed",
    "elsewhere > this machine can run the lane: skipped, no-such-program-anywhere is not on PATH (spawnSync no-such-program-anywhere ENOENT)",
    `broken > this machine can run the lane: skipped, ${process.execPath} -e process.exit(3) ended with 3`,
  ]);
});

test("with CI=true a lane that cannot run is a failure", async () => {
  expect(await results({ CI: "true" })).toEqual([
    "here > runs: passed",
    "elsewhere > this machine can run the lane: failed, no-such-program-anywhere is not on PATH (spawnSync no-such-program-anywhere ENOENT). With CI=true every lane must run.",
    `broken > this machine can run the lane: failed, ${process.execPath} -e process.exit(3) ended with 3. With CI=true every lane must run.`,
  ]);
});

async function results(env: Record<string, string>): Promise<readonly string[]> {
  const vitest = await startVitest([], { root, config: false, watch: false, reporters: [], env });
  const lines = vitest.state.getTestModules().flatMap((module) =>
    [...module.children.allTests()].map((each) => {
      const result = each.result();
      const note = result.state === "skipped" ? result.note : result.errors?.[0]?.message;
      return `${each.fullName}: ${result.state}${note === undefined ? "" : `, ${note}`}`;
    }),
  );
  await vitest.close();
  return lines;
}
