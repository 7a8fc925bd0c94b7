/**
 * Runs the benchmarks, prints every table and writes docs/benchmarks.md. With names it runs only
 * these and writes no page: `npm run bench -- engine`.
 */
import { globSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import type { Bench } from "../bench/bench.ts";
import {
  formatNumber,
  writePage,
  writeSection,
  type Machine,
  type Section,
} from "../bench/page.ts";
import { build } from "./build.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs", "benchmarks.md");

process.exitCode = (await build()) || (await main(process.argv.slice(2)));

async function main(names: readonly string[]): Promise<number> {
  const benches = await findBenches();
  const unknown = names.filter((name) => !benches.has(name));
  if (unknown.length > 0) {
    console.error(
      `No benchmark is called ${unknown.join(", ")}; there are ${[...benches.keys()].join(", ")}.`,
    );
    return 1;
  }
  const start = performance.now();
  const sections: Section[] = [];
  let failed = 0;
  for (const [name, bench] of benches) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`${bench.title} …`);
    const startMs = performance.now();
    // One that fails must not cost what the others have measured.
    const table = await measure(bench).catch((error: unknown) => {
      console.error(error);
      failed += 1;
      return `it failed (${String(error).split("\n", 1)[0]})`;
    });
    const section = { title: bench.title, table, seconds: (performance.now() - startMs) / 1000 };
    sections.push(section);
    console.log(`\n${writeSection(section)}`);
  }
  console.log(tellOutcome(sections, (performance.now() - start) / 1000));
  if (names.length === 0) {
    writeFileSync(PAGE, writePage(machine(), sections));
    console.log(`Written to ${PAGE}`);
  }
  return failed > 0 ? 1 : 0;
}

async function measure({ needs, run }: Bench): Promise<Section["table"]> {
  return (await needs?.()) ?? run();
}

function tellOutcome(sections: readonly Section[], seconds: number): string {
  const tables = sections.map(({ table }) => table);
  const measured = tables.filter((table) => typeof table !== "string");
  const aims = measured.flatMap((table) => table.aims);
  const met = aims.filter((aim) => aim.met).length;
  return (
    `${met} of ${aims.length} aims met, ${tables.length - measured.length} of ${tables.length} ` +
    `benchmarks not measured, ${formatNumber(seconds)} s.`
  );
}

/** By name. Helpers of benchmarks live in the same folder and export none. */
async function findBenches(): Promise<ReadonlyMap<string, Bench>> {
  const benches = new Map<string, Bench>();
  for (const file of globSync("bench/*.ts", { cwd: ROOT }).toSorted()) {
    const { bench } = (await import(join(ROOT, file))) as { readonly bench?: Bench };
    if (bench !== undefined) benches.set(basename(file, ".ts"), bench);
  }
  return benches;
}

function machine(): Machine {
  const [first] = cpus();
  const sqlite = new Database(":memory:").prepare("SELECT sqlite_version()").pluck().get();
  return {
    day: new Date().toISOString().slice(0, 10),
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    versions: { Node: process.versions.node, SQLite: `${String(sqlite)} (better-sqlite3)` },
  };
}
