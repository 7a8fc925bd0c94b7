import { spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";

const OUTPUT = /(\.d\.ts|\.js)(\.map)?$/;

/**
 * Compiles `src` to `dist` and removes what deleted sources left behind. In place, since tests that
 * run at the same time read `dist`.
 *
 * @returns The compiler's exit code.
 */
export function build(): number {
  const compiled = spawnSync(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"],
    { stdio: "inherit" },
  );
  for (const output of globSync("dist/**/*.{js,ts,map}")) {
    const source = output.replace(/^dist/, "src").replace(OUTPUT, ".ts");
    if (!existsSync(source)) rmSync(output);
  }
  return compiled.status ?? 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = build();
