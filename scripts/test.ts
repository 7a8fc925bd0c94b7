/**
 * Builds the package, runs all tests and ends with one line for machines to read. Arguments go to
 * Vitest: `npm test -- --project unit`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { build } from "./build.ts";
import { type Counts, COUNTS_FILE, countsLine } from "./counts-reporter.ts";

rmSync(COUNTS_FILE, { force: true });
const exitCode = (await build()) || runVitest();
const counts = readCounts();
// Vitest can fail without a failing test, for example when a global teardown throws.
if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
for (const reason of counts.reasons) console.log(`Skipped: ${reason}`);
console.log(countsLine(counts));
process.exitCode = counts.failed === 0 ? 0 : exitCode || 1;

function runVitest(): number {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default"];
  const args = [...vitest, "--reporter=./scripts/counts-reporter.ts", ...process.argv.slice(2)];
  return spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
}

function readCounts(): Counts {
  try {
    return JSON.parse(readFileSync(COUNTS_FILE, "utf8")) as Counts;
  } catch {
    console.error("The build or Vitest itself failed; that counts as one failed test.");
    return { passed: 0, failed: 1, skipped: 0, reasons: [] };
  }
}
