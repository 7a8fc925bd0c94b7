import { expect, test } from "vitest";
import { tellDifference } from "../../../src/explore/tell-difference.ts";

const columns = [{ name: "id", role: "identity" }, { name: "state" }];

function jobs(...changes: readonly object[]): string {
  return JSON.stringify([{ collection: "jobs", columns, changes }]);
}

const open = { after: [1, "open"] };

test("only the rows that differ are told", () => {
  expect(tellDifference(jobs(open), jobs(open, { after: [2, "archived"] }))).toEqual([
    "nothing of this",
    'jobs with {"id":2,"state":"archived"}',
  ]);
});

test("a changed and a removed row are told as such", () => {
  const changed = { before: [1, "open"], after: [1, "done"] };
  const removed = { before: [1, "open"] };

  expect(tellDifference(jobs(changed), jobs(removed))).toEqual([
    'jobs with the changed {"id":1,"state":"done"}',
    'jobs without {"id":1,"state":"open"}',
  ]);
});

test("of many rows a few are told, and how many there are", () => {
  const many = Array.from({ length: 9 }, (_, id) => ({ after: [id, "open"] }));

  const [, told] = tellDifference("[]", jobs(...many));

  expect(told).toBe(
    'jobs with {"id":0,"state":"open"}; jobs with {"id":1,"state":"open"}; ' +
      'jobs with {"id":2,"state":"open"}; and 6 more rows',
  );
});

test("a system without a difference is no special case", () => {
  expect(tellDifference("[]", "")).toEqual(["nothing of this", "nothing of this"]);
});
