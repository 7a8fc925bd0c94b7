/**
 * Runs the benchmarks and writes docs/benchmarks.md. With names, runs only these and writes to the
 * terminal: `npm run bench -- engine`.
 */
import { globSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { basename, join } from "node:path";
import type { Bench, Table } from "../bench/bench.ts";
import { build } from "./build.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs", "benchmarks.md");

process.exitCode = build() || (await main(process.argv.slice(2)));

async function main(names: readonly string[]): Promise<number> {
  const files = globSync("bench/*.ts", { cwd: ROOT }).toSorted();
  const chosen = files.filter(
    (file) => names.length === 0 || names.includes(basename(file, ".ts")),
  );
  const sections: string[] = [];
  for (const file of chosen) {
    const { bench } = (await import(join(ROOT, file))) as { readonly bench?: Bench };
    // bench.ts and helpers of a benchmark export none.
    if (bench === undefined) continue;
    console.error(`${bench.title} …`);
    sections.push(section(bench.title, await bench.run()));
  }
  if (sections.length === 0) {
    console.error(
      `Nothing to run: of ${chosen.join(", ") || "no file"}, none exports a \`bench\`.`,
    );
    return 1;
  }
  const page = [...introduction(), ...sections].join("\n");
  if (names.length === 0) writeFileSync(PAGE, page);
  console.log(names.length === 0 ? `Written to ${PAGE}` : page);
  return 0;
}

function introduction(): readonly string[] {
  const [first] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return [
    "# Benchmarks",
    "",
    `Written by \`npm run bench\` on ${day}: Node ${process.versions.node}, ${process.platform}-${process.arch}, ` +
      `${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${memoryGb} GB of memory.`,
    "Absolute times are of that machine; ratios were measured side by side in one run.",
    "",
  ];
}

function section(title: string, { columns, rows, notes, aims }: Table): string {
  return [
    `## ${title}`,
    "",
    ...table(columns, rows),
    ...notes.map((note) => `- ${note}`),
    ...(notes.length > 0 ? [""] : []),
    ...(aims.length > 0
      ? table(
          ["aim", "found", "met"],
          aims.map(({ text, found, met }) => [text, found, met ? "yes" : "**no**"]),
        )
      : []),
  ].join("\n");
}

function table(columns: Table["columns"], rows: Table["rows"]): readonly string[] {
  return [line(columns), line(columns.map(() => "---")), ...rows.map((row) => line(row)), ""];
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => cellText(cell)).join(" | ")} |`;
}

function cellText(cell: string | number): string {
  const text = typeof cell === "number" ? cell.toLocaleString("en") : cell;
  return text.replaceAll("|", String.raw`\|`);
}
