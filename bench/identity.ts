import type { Column } from "../src/adapters/adapter.ts";
import type { SystemDiff } from "../src/explore/diffs.ts";
import { canonicalForm } from "../src/explore/identity/index.ts";
import type { Bench } from "./bench.ts";
import { median } from "./measure.ts";

const ID: Column = { name: "id", role: "identity" };
const SIZES = [3, 100, 1000];

type World = (rows: number) => readonly SystemDiff[];

/** One order and two items for every three rows; a time and a token in each order. */
const shop =
  (distinct: boolean): World =>
  (rows) => {
    const count = Math.ceil(rows / 3);
    const orders = Array.from({ length: count }, (_, index) => ({
      after: [
        index + 1,
        distinct ? index : 100,
        `2024-05-01 10:${String(Math.floor(index / 60) % 60).padStart(2, "0")}:${String(index % 60).padStart(2, "0")}`,
        `a1b2c3d4-0000-4000-8000-${String(index).padStart(12, "0")}`,
      ],
    }));
    const items = Array.from({ length: rows - count }, (_, index) => ({
      after: [index + 1, (index % count) + 1, "a thing", 1],
    }));
    return [
      {
        name: "db",
        diff: [
          {
            collection: "orders",
            columns: [
              ID,
              { name: "amount" },
              { name: "created_at", role: "time" },
              { name: "code" },
            ],
            changes: orders,
          },
          {
            collection: "items",
            columns: [
              ID,
              { name: "order_id", references: { collection: "orders", column: "id" } },
              { name: "title" },
              { name: "count" },
            ],
            changes: items,
          },
        ],
      },
    ];
  };

/** Rows that point to the next one, in a line or in a ring: the worst case of refinement. */
const users =
  (next: (index: number, rows: number) => number | null): World =>
  (rows) => [
    {
      name: "db",
      diff: [
        {
          collection: "users",
          columns: [ID, { name: "next", references: { collection: "users", column: "id" } }],
          changes: Array.from({ length: rows }, (_, index) => ({
            after: [index + 1, next(index, rows)],
          })),
        },
      ],
    },
  ];

/** Rows of the root that changed: nothing is generated. */
const seeded: World = (rows) => [
  {
    name: "db",
    diff: [
      {
        collection: "orders",
        columns: [ID, { name: "amount" }, { name: "note" }],
        changes: Array.from({ length: rows }, (_, index) => ({
          before: [index, 1, "a thing"],
          after: [index, 2, "a thing"],
        })),
      },
    ],
  },
];

/** Equal rows with a time stay apart through it, so this one has none. */
const equalRows = users(() => null);

const WORLDS: Readonly<Record<string, World>> = {
  "seeded rows changed": seeded,
  "orders and items, all different": shop(true),
  "orders and items, equal but for time": shop(false),
  "equal rows": equalRows,
  "a line of references": users((index, rows) => (index + 1 < rows ? index + 2 : null)),
  "a ring of references": users((index, rows) => ((index + 1) % rows) + 1),
};

/** What naming a state costs, by the number of changed rows and by how hard they are to tell apart. */
export const bench: Bench = {
  title: "Naming a state",
  run: async () => ({
    columns: ["changed rows", ...SIZES.map((size) => `${size} rows, µs`)],
    rows: Object.entries(WORLDS).map(([name, world]) => [
      name,
      ...SIZES.map((size) => medianUs(world(size))),
    ]),
    notes: [
      "The canonical form of a net difference from the initial state, and a context of two values; without reading the difference and without hashing.",
      "Two states get one name exactly when a one-to-one renaming of generated values makes them equal. Rows that refer to each other in a line or a ring are the hardest to name so.",
    ],
    aims: [],
  }),
};

function medianUs(systems: readonly SystemDiff[]): number {
  const run = (): unknown => canonicalForm({ systems, context: { orderId: 1, note: "x" } });
  const until = performance.now() + 100;
  while (performance.now() < until) run();
  const samples: number[] = [];
  for (let sample = 0; sample < 11; sample += 1) {
    const start = performance.now();
    let runs = 0;
    do {
      run();
      runs += 1;
    } while (performance.now() - start < 10);
    samples.push(((performance.now() - start) * 1000) / runs);
  }
  return median(samples);
}
