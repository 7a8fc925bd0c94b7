import { expect, test } from "vitest";
import { hashOf, placeOf } from "../../../../../src/report/html/client/place.ts";

test.for([
  ["#0", { exploration: 0 }],
  ["#2/s5", { exploration: 2, item: { kind: "state", index: 5 } }],
  ["#0/t3", { exploration: 0, item: { kind: "transition", index: 3 } }],
  ["#0/b7", { exploration: 0, item: { kind: "branch", index: 7 } }],
  ["#0/v5-40", { exploration: 0, item: { kind: "view", index: 5, skip: 40 } }],
] as const)("%s is a place", ([hash, place]) => {
  expect(placeOf(hash)).toEqual(place);
  expect(hashOf(place)).toBe(hash);
});

test.for(["", "#", "#x", "#0/q1", "#0/s", "#0/s1/t2", "#-1", "#0/s1x", "#9999999999"])(
  "%s is none",
  (hash) => {
    expect(placeOf(hash)).toBeUndefined();
  },
);
