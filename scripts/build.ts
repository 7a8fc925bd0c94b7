import { spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { PAGE_PARTS, buildPage } from "./build-page.ts";

const OUTPUT = /(\.d\.ts|\.js)(\.map)?$/;

/** What is compiled: the package, and what it puts into a page, which is bundled afterwards. */
const PROJECTS = ["tsconfig.build.json", "src/report/html/client/tsconfig.json"];

/**
 * Compiles `src` to `dist` and removes what deleted sources left behind. In place, since tests that
 * run at the same time read `dist`.
 *
 * @returns The compiler's exit code.
 */
export async function build(): Promise<number> {
  const codes = PROJECTS.map(compile);
  for (const output of globSync("dist/**/*.{js,ts,map}", { exclude: [PAGE_PARTS] })) {
    const source = output.replace(/^dist/, "src").replace(OUTPUT, ".ts");
    if (!existsSync(source)) rmSync(output);
  }
  await buildPage();
  return Math.max(...codes);
}

function compile(project: string): number {
  const tsc = ["node_modules/typescript/bin/tsc", "-p", project];
  return spawnSync(process.execPath, tsc, { stdio: "inherit" }).status ?? 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await build();
