import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column, Diff, RowChange } from "../../../../src/adapters/adapter.ts";
import { diffTables } from "../../../../src/adapters/mock/observe.ts";
import { stepDiff } from "../../../../src/explore/tracing/step-diff.ts";

const ORDERS: readonly Column[] = [{ name: "id", role: "identity" }, { name: "status" }];

function orders(...changes: readonly RowChange[]): Diff {
  return changes.length === 0 ? [] : [{ collection: "orders", columns: ORDERS, changes }];
}

describe("from what two states differ in from the root, the step between them follows:", () => {
  test.for([
    ["a row added", orders(), orders({ after: [1, "new"] }), orders({ after: [1, "new"] })],
    [
      "an added row changed",
      orders({ after: [1, "new"] }),
      orders({ after: [1, "paid"] }),
      orders({ before: [1, "new"], after: [1, "paid"] }),
    ],
    [
      "an added row removed",
      orders({ after: [1, "new"] }),
      orders(),
      orders({ before: [1, "new"] }),
    ],
    [
      "a row of the root changed again",
      orders({ before: [1, "new"], after: [1, "paid"] }),
      orders({ before: [1, "new"], after: [1, "sent"] }),
      orders({ before: [1, "paid"], after: [1, "sent"] }),
    ],
    [
      "a row of the root changed back",
      orders({ before: [1, "new"], after: [1, "paid"] }),
      orders(),
      orders({ before: [1, "paid"], after: [1, "new"] }),
    ],
    [
      "a changed row of the root removed",
      orders({ before: [1, "new"], after: [1, "paid"] }),
      orders({ before: [1, "new"] }),
      orders({ before: [1, "paid"] }),
    ],
    [
      "a removed row of the root put back",
      orders({ before: [1, "new"] }),
      orders(),
      orders({ after: [1, "new"] }),
    ],
    ["nothing", orders({ after: [1, "new"] }), orders({ after: [1, "new"] }), []],
  ] as const)("%s", ([, before, after, step]) => {
    expect(stepDiff(before, after)).toEqual(step);
  });

  test("a column added: it is empty before", () => {
    const wider = [...ORDERS, { name: "note" }];
    const before = orders({ after: [1, "new"] });
    const after = [
      { collection: "orders", columns: wider, changes: [{ after: [1, "new", "hello"] }] },
    ];

    expect(stepDiff(before, after)).toEqual([
      {
        collection: "orders",
        columns: wider,
        changes: [{ before: [1, "new", null], after: [1, "new", "hello"] }],
      },
    ]);
  });

  test("of rows without an identity, those alike in most are the same row", () => {
    const columns = ["session", "name", "value"].map((name) => ({ name }));
    const cookies = (...rows: readonly (readonly string[])[]): Diff => [
      { collection: "cookies", columns, changes: rows.map((after) => ({ after })) },
    ];
    const step = stepDiff(
      cookies(["main", "lang", "de"], ["main", "sid", "1"]),
      cookies(["main", "sid", "2"], ["main", "lang", "de"]),
    );

    expect(step[0]?.changes).toEqual([
      { before: ["main", "sid", "1"], after: ["main", "sid", "2"] },
    ]);
  });
});

/** Rows by id; rows that are the same in two contents are the same object, as in the mock. */
const content = fc.dictionary(
  fc.constantFrom("1", "2", "3", "4", "5"),
  fc.record({ status: fc.constantFrom("new", "paid", "sent"), amount: fc.nat(2) }),
);

test("it is what the adapter itself would tell of the step", () => {
  fc.assert(
    fc.property(content, content, content, (...contents) => {
      const rows = new Map<string, Readonly<Record<string, string | number>>>();
      const tables = contents.map((each) => {
        const list = Object.entries(each).map(([id, row]) => {
          const key = JSON.stringify([id, row]);
          const found = rows.get(key) ?? { id, ...row };
          rows.set(key, found);
          return found;
        });
        return new Map([["orders", list]]);
      });
      const [root = new Map(), before = new Map(), after = new Map()] = tables;

      const step = stepDiff(diffTables(root, before), diffTables(root, after));

      expect(sorted(step)).toEqual(sorted(diffTables(before, after)));
    }),
  );
});

function sorted(diff: Diff): readonly string[] {
  return diff
    .flatMap(({ columns, changes }) =>
      changes.map(({ before, after }) => {
        const rows = [before, after].map((row) => row && named(columns, row));
        return JSON.stringify(rows, ["0", "1", "id", "status", "amount"]);
      }),
    )
    .toSorted();
}

function named(
  columns: readonly Column[],
  row: readonly unknown[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));
}
