import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Column, Row } from "../../../../src/adapters/adapter.ts";
import { canonicalForm, startKnowledge } from "../../../../src/explore/identity/index.ts";
import { ID, added, formOf, orders, referenceTo, system } from "./worlds.ts";

test("reads like the difference it stands for", () => {
  const changed = { before: [1, 5], after: [1, 7] };
  expect(formOf(orders(added(17, 100), changed), { orderId: 17 })).toBe(
    [
      '["db","orders","id","amount"]',
      "+[n#0,100,]",
      "-[1,5]+[=,7,]",
      "@",
      '{"orderId":n(["db","orders","id"]#0),}',
    ].join("\n"),
  );
});

test("nothing changed is two lines", () => {
  expect(formOf(orders())).toBe("@\n{}");
});

test("two orders created in either order are one state, whichever got which number", () => {
  expect(formOf(orders(added(1, 100), added(2, 200)))).toBe(
    formOf(orders(added(1, 200), added(2, 100))),
  );
});

test("crossed amounts are another state when the context points to one of them", () => {
  expect(formOf(orders(added(1, 100), added(2, 200)), { orderId: 1 })).not.toBe(
    formOf(orders(added(1, 200), added(2, 100)), { orderId: 1 }),
  );
});

test("equal rows count", () => {
  expect(formOf(orders(added(1, 100), added(2, 100)))).not.toBe(formOf(orders(added(1, 100))));
});

test("seeded rows are constants", () => {
  expect(formOf(orders({ before: [1, 5], after: [1, 7] }))).not.toBe(
    formOf(orders({ before: [2, 5], after: [2, 7] })),
  );
  expect(formOf(orders({ before: [1, 5] }))).not.toBe(formOf(orders({ before: [2, 5] })));
});

const moved = (...ids: readonly number[]): string =>
  formOf(orders(...ids.map((id, index) => ({ before: [index + 1, 0], after: [id, 0] }))));

test("a changed key is a new value, unless it was another seeded row's", () => {
  expect(moved(8)).toBe(moved(9));
  expect(moved(2, 3, 1)).not.toBe(moved(3, 1, 2));
});

test("a reference to a seeded row is a constant, also when its UUID looks generated", () => {
  const columns = [ID, referenceTo("users", "user_id")];
  const owned = (user: string): string => formOf(table("orders", columns, [1, user]));
  expect(owned(randomUUID())).not.toBe(owned(randomUUID()));
});

const owned = (owner: string, known: readonly string[]): string =>
  canonicalForm({
    systems: table("orders", [ID, { name: "owner" }], [1, owner]),
    context: {},
    knowledge: startKnowledge(new Set(known)),
  });

test("a UUID without a declared reference is a constant only if the root is known to hold it", () => {
  const [ann, bob] = [randomUUID(), randomUUID()];
  expect(owned(ann, [])).toBe(owned(bob, []));
  expect(owned(ann, [ann, bob])).not.toBe(owned(bob, [ann, bob]));
});

test.for([
  ["order_id", true],
  ["orderId", true],
  ["orders_id", true],
  ["parent_order_id", false],
  ["reference", false],
] as const)("a column %s points to orders by its name: %s", ([name, renamed]) => {
  const paid = (order: number): string =>
    formOf([
      system("db", {
        orders: { columns: [ID], rows: [[order]] },
        payments: { columns: [ID, { name }], rows: [[1, order]] },
      }),
    ]);
  expect(paid(1) === paid(2)).toBe(renamed);
});

const paid = (local: number, remote: number, order: number): string =>
  formOf([
    system("shop", { orders: { columns: [ID], rows: [[local]] } }),
    system("bank", {
      orders: { columns: [ID], rows: [[remote]] },
      payments: { columns: [ID, { name: "order_id" }], rows: [[1, order]] },
    }),
  ]);

test("a name points to the collection of its own system first", () => {
  expect(paid(1, 2, 2)).toBe(paid(3, 4, 4));
  expect(paid(1, 2, 1)).not.toBe(paid(1, 2, 2));
});

test("a key that is itself a reference leads to the values of its origin", () => {
  const key: Column = { ...referenceTo("users", "user_id"), role: "identity" };
  const author: Column = {
    name: "author",
    references: { collection: "profiles", column: "user_id" },
  };
  const noted = (user: number): string =>
    formOf([
      system("db", {
        users: { columns: [ID], rows: [[user]] },
        profiles: { columns: [key], rows: [[user]] },
        notes: { columns: [ID, author], rows: [[1, user]] },
      }),
    ]);
  expect(noted(3)).toBe(noted(4));
  expect(noted(3)).not.toContain("3");
});

const item = (id: number | bigint, of: number | bigint): string =>
  formOf([
    system("db", {
      orders: { columns: [ID], rows: [[id]] },
      items: { columns: [ID, referenceTo("orders", "order_id")], rows: [[1, of]] },
    }),
  ]);

test("numbers and bigints of one identity are one value; their types stay apart", () => {
  expect(item(7, 7n)).toBe(item(8, 8n));
  expect(item(7, 7n)).not.toBe(item(7, 7));
  expect(item(2n ** 60n, 2n ** 60n)).toBe(item(2n ** 61n, 2n ** 61n));
});

const binaryItem = (id: number, of: number): string =>
  formOf([
    system("db", {
      orders: { columns: [ID], rows: [[Uint8Array.of(id)]] },
      items: {
        columns: [ID, referenceTo("orders", "order_id")],
        rows: [[1, Uint8Array.of(of)]],
      },
    }),
  ]);

test("binary keys are generated values too", () => {
  expect(binaryItem(1, 1)).toBe(binaryItem(2, 2));
  expect(binaryItem(1, 1)).not.toBe(binaryItem(1, 2));
});

test("an identity that a row of the root mentions already is a constant", () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const plans = [a, b].map((planned) => ({ before: [planned, 0], after: [planned, 1] }));
  const columns = [{ name: "planned" }, { name: "done" }];
  const planned = { name: "plan", diff: [{ collection: "plans", columns, changes: plans }] };
  expect(formOf([planned, ...orders(added(a, 5))])).not.toBe(
    formOf([planned, ...orders(added(b, 5))]),
  );
});

test("a text key that was chosen is a constant, one that was generated is not", () => {
  expect(keyed("ann@example.com")).not.toBe(keyed("bob@example.com"));
  expect(keyed("EUR")).not.toBe(keyed("USD"));
  expect(keyed("cus_NffrFeUfNV2Hib")).toBe(keyed("cus_9s6XKzkNRiz8i3"));
  expect(keyed(randomUUID())).toBe(keyed(randomUUID()));
});

function keyed(id: string): string {
  const columns = [ID, referenceTo("owners", "parent_id")];
  return formOf(table("owners", columns, [id, null], ["main", id]));
}

const one = (name: string, collection: string): string =>
  formOf([system(name, { [collection]: { columns: [ID], rows: [[1]] } })]);

test("systems and collections are named", () => {
  expect(new Set([one("a", "x"), one("b", "x"), one("a", "y")]).size).toBe(3);
});

function table(collection: string, columns: readonly Column[], ...rows: readonly Row[]) {
  return [system("db", { [collection]: { columns, rows } })];
}
