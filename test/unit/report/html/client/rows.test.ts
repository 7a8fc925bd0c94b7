import { describe, expect, test } from "vitest";
import { shownColumns } from "../../../../../src/report/html/client/columns.ts";
import { addUp, countRows } from "../../../../../src/report/html/client/rows.ts";
import type { TracedChange, TracedStep } from "../../../../../src/trace/trace.ts";

function step(changes: readonly TracedChange[], collection = "orders"): TracedStep {
  const diff = { system: "db", collection, columns: ["id", "paid"], key: [0], changes };
  return { number: 1, action: "a", exchanges: [], output: [], changes: [diff] };
}

describe("changes of several steps", () => {
  test("add up to what is different in the end", () => {
    const { diffs, unclear, gaps } = addUp([
      step([{ after: [1, 0] }, { after: [2, 0] }, { before: [9, 0], after: [9, 5] }]),
      step([{ before: [1, 0], after: [1, 100] }, { before: [2, 0] }]),
      step([{ before: [9, 5] }, { before: [8, 0], after: [8, 1] }]),
      step([{ before: [8, 1], after: [8, 0] }]),
    ]);

    expect(diffs.map(({ changes }) => changes)).toEqual([
      [{ after: [1, 100] }, { before: [9, 0] }],
    ]);
    expect([unclear, gaps]).toEqual([[], false]);
  });

  test("keep a row apart that was removed and added again with other values", () => {
    const { diffs } = addUp([step([{ before: [1, 0] }]), step([{ after: [1, 7] }])]);

    expect(diffs[0]?.changes).toEqual([{ before: [1, 0], after: [1, 7] }]);
  });

  test("cannot be added up where rows have names of one step only", () => {
    const { diffs, unclear } = addUp([
      step([{ after: ["<id 1>", 0] }]),
      step([{ after: ["<id 1>", 0] }]),
      step([{ after: [1, 0] }], "users"),
    ]);

    expect(unclear).toEqual(["db.orders"]);
    expect(diffs.map(({ collection }) => collection)).toEqual(["users"]);
  });

  test("say so when some were not recorded", () => {
    const { changes = [], ...unread } = step([]);
    const cut = { ...unread, changes: changes.map((diff) => ({ ...diff, omitted: 3 })) };

    expect(addUp([step([])]).gaps).toBe(false);
    expect(addUp([step([]), unread]).gaps).toBe(true);
    expect(addUp([undefined]).gaps).toBe(true);
    expect(addUp([cut]).gaps).toBe(true);
  });
});

test("rows are counted by table, whatever their names", () => {
  const steps = [
    step([{ after: ["<id 1>", 0] }, { after: ["<id 2>", 0] }, { before: [1, 0] }]),
    step([{ before: [1, 0], after: [1, 1] }], "users"),
    step([{ after: [1, 0] }], "carts"),
    step([{ before: [1, 0] }], "carts"),
  ];

  expect(countRows(steps)).toEqual([
    { collection: "orders", rows: 1, changed: 0 },
    { collection: "users", rows: 0, changed: 1 },
  ]);
});

test("of wide rows the key is shown first, then what changed, and no empty column", () => {
  const diff = {
    system: "db",
    collection: "orders",
    columns: ["note", "amount", "paid", "id", "gone"],
    key: [3],
  };

  expect(
    shownColumns({
      ...diff,
      changes: [
        { before: [null, 5, 0, 1, "x"], after: [null, 5, 5, 1, null] },
        { after: [null, 7, 0, 2, null] },
      ],
    }),
  ).toEqual([3, 2, 4, 1]);
  expect(shownColumns({ ...diff, changes: [{ after: ["", 0, null, 1, null] }] })).toEqual([
    3, 0, 1,
  ]);
});
