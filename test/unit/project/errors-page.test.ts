import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, ExploreError, familyOf } from "../../../src/errors.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/errors.md"), "utf8");
/** Heading and text of each part of the page, the introduction left out. */
const SECTIONS = PAGE.split(/^## /m)
  .slice(1)
  .map((section) => [section.slice(0, section.indexOf("\n")), section] as const);

test("docs/errors.md has one heading for each code, in the order of ERROR_CODES", () => {
  expect(SECTIONS.map(([heading]) => heading)).toEqual(ERROR_CODES);
});

describe.for(SECTIONS)("%s", ([code, text]) => {
  test("names the family", () => {
    const family = familyOf(new ExploreError(code as (typeof ERROR_CODES)[number], ""));
    expect(text).toContain(`Family: \`${family}\``);
  });

  test("says what happened, why, and what to do", () => {
    const bold = [...text.matchAll(/^\*\*(.+?)\*\* \S/gm)].map(([, label]) => label);
    expect(bold).toEqual(["What happened.", "Why.", "What to do."]);
  });
});
