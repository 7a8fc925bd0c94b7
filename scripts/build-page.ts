import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "rolldown";

const ROOT = dirname(import.meta.dirname);
const CLIENT = join(ROOT, "src/report/html/client");
const DAGRE = join(ROOT, "node_modules/@dagrejs/dagre");

/** Where the parts of the HTML report are put, relative to the project's root. */
export const PAGE_PARTS = "dist/report/html/parts";

/** Makes the parts of the HTML report: the bundle of its client, its style, and the library. */
export async function buildPage(): Promise<void> {
  const { output } = await build({
    input: join(CLIENT, "main.ts"),
    tsconfig: join(CLIENT, "tsconfig.json"),
    output: { format: "iife", minify: true },
    logLevel: "warn",
    write: false,
  });
  put("client.js", output[0].code);
  put("style.css", readFileSync(join(CLIENT, "style.css"), "utf8"));
  put("dagre.js", dagre());
}

/** The library with its licence, which it keeps in a file of its own. */
function dagre(): string {
  const licence = readFileSync(join(DAGRE, "dist/dagre.min.js.LEGAL.txt"), "utf8");
  const code = readFileSync(join(DAGRE, "dist/dagre.min.js"), "utf8");
  return `${licence.trim()}\n${code.replaceAll(/^\/(\*!|\/#) .*\n?/gm, "")}`;
}

/** In one go, since tests that run at the same time read it. */
function put(name: string, content: string): void {
  const path = join(ROOT, PAGE_PARTS, name);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}
