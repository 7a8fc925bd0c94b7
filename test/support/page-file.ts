import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { htmlPage } from "../../src/report/html/page.ts";
import type { Trace } from "../../src/trace/trace.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A file with the page of some traces. */
export interface PageFile extends Disposable {
  readonly file: string;
}

/** Writes the page of traces that no run has made, with the parts that the build has made. */
export function pageFile(traces: readonly Trace[]): PageFile {
  const part = (name: string): string =>
    readFileSync(join(ROOT, "dist/report/html/parts", name), "utf8");
  mkdirSync(join(ROOT, ".work"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".work", "page-"));
  const file = join(folder, "report.html");
  const parts = { script: part("client.js"), style: part("style.css"), dagre: part("dagre.js") };
  writeFileSync(file, htmlPage({ title: "toy – explorations", traces, ...parts }));
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
