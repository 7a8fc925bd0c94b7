import { expect, test } from "vitest";
import type { Content, RawRow } from "../../../../src/adapters/sql/content-diff.ts";
import { compareContents } from "../../../../src/adapters/sql/content-diff.ts";

function content(
  names: readonly string[],
  rows: readonly RawRow<string>[],
  { key = ["id"], shape = [] }: { readonly key?: string[]; readonly shape?: string[] } = {},
): Content<string> {
  const columns = names.map((name) => ({ column: { name }, parse: Number }));
  return { tables: new Map([["orders", { columns, key, rows }]]), shape };
}

test("tells rows that were added, changed and removed, by key", () => {
  const was = content(
    ["id", "amount"],
    [
      { id: "1", amount: "5" },
      { id: "2", amount: null },
    ],
  );
  const is = content(
    ["id", "amount"],
    [
      { id: "1", amount: "6" },
      { id: "3", amount: "7" },
    ],
  );

  expect(compareContents(was, was)).toEqual([]);
  expect(compareContents(was, is)).toEqual([
    {
      collection: "orders",
      columns: [{ name: "id" }, { name: "amount" }],
      changes: [{ before: [1, 5], after: [1, 6] }, { before: [2, null] }, { after: [3, 7] }],
    },
  ]);
});

test("counts equal rows of a table without a key", () => {
  const row = { n: "1" };
  const none = { key: [] };

  expect(compareContents(content(["n"], [row], none), content(["n"], [row, row], none))).toEqual([
    { collection: "orders", columns: [{ name: "n" }], changes: [{ after: [1] }] },
  ]);
});

test("shows the columns of both sides when the schema changed, and what changed", () => {
  const was = content(["id", "old"], [{ id: "1", old: "2" }], { shape: ["orders.old"] });
  const is = content(["id", "new"], [{ id: "1", new: "3" }], { shape: ["orders.new"] });

  expect(compareContents(was, is)).toEqual([
    {
      collection: "(schema)",
      columns: [{ name: "line" }],
      changes: [{ before: ["orders.old"] }, { after: ["orders.new"] }],
    },
    {
      collection: "orders",
      columns: [{ name: "id" }, { name: "new" }, { name: "old" }],
      changes: [{ before: [1, null, 2], after: [1, 3, null] }],
    },
  ]);
});

test("tells all rows of a table that is gone", () => {
  expect(compareContents(content(["id"], [{ id: "1" }]), { tables: new Map(), shape: [] })).toEqual(
    [{ collection: "orders", columns: [{ name: "id" }], changes: [{ before: [1] }] }],
  );
});
