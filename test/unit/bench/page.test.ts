import { expect, test } from "vitest";
import type { Table } from "../../../bench/bench.ts";
import { median, medianRatio } from "../../../bench/measure.ts";
import { formatNumber, writePage, writeSection } from "../../../bench/page.ts";

const TABLE: Table = {
  columns: ["mode", "ms"],
  rows: [
    ["a|b", 0.12345],
    ["copy", 1234.5],
  ],
  notes: ["By turns."],
  aims: [
    { text: "within 1.5×", found: "1.2×", met: true },
    { text: "flat", found: "3×", met: false },
  ],
};

test("a section has the table, the notes, and each aim with what came of it", () => {
  expect(writeSection({ title: "Rollback", table: TABLE, seconds: 2 })).toBe(`## Rollback

| mode | ms |
| --- | ---: |
| a\\|b | 0.123 |
| copy | 1,235 |

- By turns.
- Took 2 s to measure.

| aim | found | met |
| --- | --- | --- |
| within 1.5× | 1.2× | yes |
| flat | 3× | **no** |
`);
});

test("a section without aims ends after its notes", () => {
  const table = { ...TABLE, aims: [] };

  expect(writeSection({ title: "Rollback", table, seconds: 2 })).not.toContain("aim");
});

test("a benchmark that could not run is one line with the reason, also among the aims", () => {
  const section = { title: "MySQL", table: "mysqld is not on PATH", seconds: 0 };
  const machine = { day: "", cpu: "", cores: 2, memoryGb: 8, platform: "", versions: {} };

  expect(writeSection(section)).toBe("## MySQL\n\nNot measured: mysqld is not on PATH.\n");
  expect(writePage(machine, [section])).toContain("| [MySQL](#mysql) | – | not measured | – |\n");
});

test("the page begins with the machine and lists every aim beside its benchmark", () => {
  const machine = {
    day: "2026-01-02",
    cpu: "Some CPU",
    cores: 1,
    memoryGb: 8,
    platform: "linux-x64",
    versions: { Node: "24.0.0" },
  };

  const page = writePage(machine, [
    {
      title: "SQLite: rollback",
      table: { ...TABLE, versions: { PostgreSQL: "17.2" } },
      seconds: 1,
    },
    { title: "Other", table: { ...TABLE, aims: [] }, seconds: 1 },
  ]);

  expect(page).toContain("| processor | Some CPU, 1 core |\n");
  expect(page).toContain("| Node | 24.0.0 |\n| PostgreSQL | 17.2 |\n");
  expect(page).toContain("| [SQLite: rollback](#sqlite-rollback) | flat | 3× | **no** |\n");
  expect(page.match(/^## .*/gm)).toEqual(["## Aims", "## SQLite: rollback", "## Other"]);
  expect(page.endsWith("\n")).toBe(true);
  expect(page).not.toMatch(/\n\n\n/);
});

test.each([
  [0, "0"],
  [0.00123, "0.001"],
  [0.0567, "0.057"],
  [12.345, "12.3"],
  [9317, "9,317"],
  [123_456.7, "123,457"],
  [Number.NaN, "–"],
])("the number %s is printed as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("a median is the middle value, or the mean of the two", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test("a ratio is that of samples that belong together", () => {
  expect(medianRatio([2, 30, 4], [1, 10, 1])).toBe(3);
});
