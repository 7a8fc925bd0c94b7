import type { Aim, Table } from "./bench.ts";

/** Facts of the machine that a page was written on. */
export interface Machine {
  readonly day: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  /** By program, e.g. `Node`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One benchmark's part of the page. */
export interface Section {
  readonly title: string;
  /** Or, as one line, why there is none. */
  readonly table: Table | string;
  readonly seconds: number;
}

const HOW_TO_READ = [
  "Absolute times are of that machine and of what else it did. A ratio is the median of pairs that were " +
    "measured by turns (A B A B) in one run, so it depends far less on either; most ratios repeat within a tenth.",
  "An aim is a number that was set before the code was written. It stays on the page when it is missed.",
];

/** Writes the page: facts, how to read it, what came of every aim, then a section per benchmark. */
export function writePage(machine: Machine, sections: readonly Section[]): string {
  const aims = sections.flatMap(({ title, table }) => {
    const link = `[${title}](#${anchor(title)})`;
    if (typeof table === "string") return [[link, "–", "not measured", "–"]];
    return table.aims.map((aim) => [link, ...aimCells(aim)]);
  });
  return [
    "# Benchmarks",
    "",
    "Written by `npm run bench`; `npm run bench -- <name>` prints one of `bench/` only.",
    "",
    ...writeTable(["machine", ""], machineRows(machine, sections)),
    ...HOW_TO_READ.flatMap((paragraph) => [paragraph, ""]),
    ...(aims.length > 0
      ? ["## Aims", "", ...writeTable(["benchmark", "aim", "found", "met"], aims)]
      : []),
    sections.map((section) => writeSection(section)).join("\n"),
  ].join("\n");
}

/** Writes one benchmark's heading, table, notes and aims. */
export function writeSection({ title, table, seconds }: Section): string {
  if (typeof table === "string") return `## ${title}\n\nNot measured: ${table}.\n`;
  const { columns, rows, notes, aims } = table;
  return [
    `## ${title}`,
    "",
    ...writeTable(columns, rows),
    ...notes.map((note) => `- ${note}`),
    `- Took ${formatNumber(seconds)} s to measure.`,
    "",
    ...(aims.length > 0 ? writeTable(["aim", "found", "met"], aims.map(aimCells)) : []),
  ].join("\n");
}

/** A number as a reader wants it: three digits that count, thousands apart. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = value === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(value)));
  const fractionDigits = Number.isInteger(value) ? 0 : Math.min(3, Math.max(0, digits));
  return value.toLocaleString("en", {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  });
}

function aimCells({ text, found, met }: Aim): readonly string[] {
  return [text, found, met ? "yes" : "**no**"];
}

function machineRows(
  machine: Machine,
  sections: readonly Section[],
): readonly (readonly string[])[] {
  const servers = sections.map(({ table }) => (typeof table === "string" ? {} : table.versions));
  const { day, cpu, cores, memoryGb, platform, versions } = machine;
  return [
    ["day", day],
    ["processor", `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}`],
    ["memory", `${memoryGb} GB`],
    ["platform", platform],
    ...Object.entries(Object.assign({}, versions, ...servers) as Machine["versions"]),
  ];
}

function writeTable(columns: Table["columns"], rows: Table["rows"]): readonly string[] {
  // Numbers to the right, if all of a column are: they are compared by their length.
  const rule = columns.map((_name, index) =>
    rows.length > 0 && rows.every((row) => typeof row[index] === "number") ? "---:" : "---",
  );
  return [line(columns), line(rule), ...rows.map((row) => line(row)), ""];
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => cellText(cell)).join(" | ")} |`;
}

function cellText(cell: string | number): string {
  const text = typeof cell === "number" ? formatNumber(cell) : cell;
  return text.replaceAll("|", String.raw`\|`).replaceAll("\n", " ");
}

/** The fragment that a heading gets where Markdown is shown. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}
