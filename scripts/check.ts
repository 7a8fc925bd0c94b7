/**
 * Checks format, lint rules and types, all of them even when one fails. Builds first: the fixtures
 * import the package by its name, so their types are those of the build.
 */
import { spawnSync } from "node:child_process";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  build: ["node", "scripts/build.ts"],
  format: ["oxfmt", "--check"],
  lint: ["oxlint", "--deny-warnings"],
  types: ["tsc", "-p", "tsconfig.json"],
};

for (const [name, [program = "", ...args]] of Object.entries(CHECKS)) {
  console.log(`${name}: ${[program, ...args].join(" ")}`);
  const { status } = spawnSync(program, args, {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exitCode = 1;
}
