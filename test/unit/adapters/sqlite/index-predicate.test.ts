import { expect, test } from "vitest";
import { indexPredicate } from "../../../../src/adapters/sqlite/index-predicate.ts";

test.for([
  ["CREATE UNIQUE INDEX i ON t (a)", undefined],
  ["CREATE UNIQUE INDEX i ON t (a) WHERE b > 1", "b > 1"],
  ["CREATE UNIQUE INDEX i ON t(a)where(b)", "(b)"],
  [
    'CREATE UNIQUE INDEX "where" ON "t where" ("where" COLLATE NOCASE) WHERE "where" IS NOT \'where\'',
    "\"where\" IS NOT 'where'",
  ],
  ["CREATE UNIQUE INDEX i ON t (a /* WHERE x */) -- WHERE y\n WHERE z = ')'", "z = ')'"],
  [
    "CREATE UNIQUE INDEX [where] ON t (`where`) WHERE c IN (1, 2) AND d = 'it''s'",
    "c IN (1, 2) AND d = 'it''s'",
  ],
] as const)("reads the condition of %j", ([sql, condition]) => {
  expect(indexPredicate(sql)).toBe(condition);
});
