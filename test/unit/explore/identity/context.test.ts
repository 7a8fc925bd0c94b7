import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalForm, learn, noKnowledge } from "../../../../src/explore/identity/index.ts";
import { added, formOf, orders } from "./worlds.ts";

/** One order with this identity, and a context. */
function ordered(id: number, context: unknown): string {
  return formOf(orders(added(id, 1)), context);
}

test.for(["orderId", "order_id", "refundedOrderId", "id", "lastId"])(
  "context.%s is renamed with the order",
  (key) => {
    expect(ordered(1, { [key]: 1 })).toBe(ordered(2, { [key]: 2 }));
    expect(ordered(1, { [key]: 1 })).not.toBe(ordered(1, { [key]: 2 }));
  },
);

test.for([
  ["a list", (id: number) => ({ orderIds: [id] })],
  ["a Set", (id: number) => ({ orderIds: new Set([id]) })],
  ["an object under the collection's name", (id: number) => ({ order: { id } })],
  ["objects in a list", (id: number) => ({ orders: [{ id, paid: true }] })],
  ["the keys of an object", (id: number) => ({ ordersById: { [id]: { paid: true } } })],
  ["a Map", (id: number) => ({ ordersById: new Map([[id, "paid"]]) })],
  ["text", (id: number) => ({ orderId: String(id) })],
  ["an address", (id: number) => ({ location: `/orders/${id}` })],
] as const)("an identity in %s is renamed", ([, contextOf]) => {
  expect(ordered(1, contextOf(1))).toBe(ordered(2, contextOf(2)));
  expect(ordered(1, contextOf(1))).not.toBe(ordered(1, contextOf(2)));
});

test("a number under another key is a number", () => {
  expect(ordered(1, { count: 1 })).not.toBe(ordered(2, { count: 2 }));
  expect(ordered(1, { orderId: "1" })).not.toBe(ordered(1, { orderId: 1 }));
});

test("an identity of something that nobody created is a constant", () => {
  const both = orders(added(1, 5), added(2, 5));
  expect(formOf(both, { userId: 1 })).not.toBe(formOf(both, { userId: 2 }));
});

const pointingTo = (id: number): string =>
  canonicalForm({
    systems: orders(added(9, 100)),
    context: { orderId: id },
    knowledge: learn(noKnowledge, orders(added(3, 1), added(4, 1))),
  });

describe("stale identities", () => {
  test("create, delete, create is create", () => {
    const created = learn(noKnowledge, orders(added(1, 100)));
    const again = learn(learn(created, orders()), orders(added(2, 100)));
    expect(
      canonicalForm({
        systems: orders(added(2, 100)),
        context: { orderId: 2 },
        knowledge: again,
      }),
    ).toBe(
      canonicalForm({
        systems: orders(added(1, 100)),
        context: { orderId: 1 },
        knowledge: created,
      }),
    );
  });

  test("are renamed, and stay apart from live ones and from constants", () => {
    expect(pointingTo(3)).toBe(pointingTo(4));
    expect(pointingTo(3)).not.toBe(pointingTo(9));
    expect(pointingTo(3)).not.toBe(pointingTo(5));
  });

  test("leave no trace when the state does not mention them", () => {
    const knowledge = learn(noKnowledge, orders(added(3, 1), added(4, 1)));
    expect(canonicalForm({ systems: orders(), context: { count: 3 }, knowledge })).toBe(
      formOf(orders(), { count: 3 }),
    );
  });
});

const carts = (x: string, y: string, mine?: string): string =>
  formOf([], { carts: { [x]: 1, [y]: 2, plain: 3 }, mine });

const pair = (x: string, y: string): string =>
  formOf(
    [],
    new Map([
      [x, 1],
      [y, 2],
    ]),
  );

const nested = (left: readonly string[], right: readonly string[]): string =>
  formOf([], [new Set(left), new Set(right)]);

describe("containers", () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];

  test("the order of keys and undefined keys do not matter; the order of an array does", () => {
    expect(formOf([], { a: 1, b: 2 })).toBe(formOf([], { b: 2, a: 1, c: undefined }));
    expect(formOf([], { a: [1, 2] })).not.toBe(formOf([], { a: [2, 1] }));
  });

  test("objects with generated keys have no order", () => {
    expect(carts(a, b)).toBe(carts(c, a));
    expect(carts(a, b, a)).toBe(carts(b, c, b));
    expect(carts(a, b, a)).not.toBe(carts(a, b, b));
  });

  test("Set and Map have no order", () => {
    expect(formOf([], new Set([2, 1]))).toBe(formOf([], new Set([1, 2])));
    expect(formOf([], new Set([a, b]))).toBe(formOf([], new Set([b, c])));
    expect(formOf([], new Set([a]))).not.toBe(formOf([], new Set([a, b])));
    expect(pair(a, b)).toBe(pair(c, a));
    expect(formOf([], new Map([["x", 1]]))).not.toBe(formOf([], { x: 1 }));
    expect(formOf([], new Map([[1, "x"]]))).not.toBe(formOf([], new Map([["1", "x"]])));
  });

  test("bags inside of bags belong to their own bag", () => {
    expect(nested([a, b], [a])).not.toBe(nested([a], [a, b]));
    expect(nested([a, b], [c])).toBe(nested([b, c], [a]));
  });
});

class Client {
  readonly url = "http://localhost";
}

test.for([
  ["context.client is an instance of Client", { client: new Client() }],
  ["context.list[1].run is the function run", { list: [1, { run: () => 1 }] }],
  ["context.key is Symbol(s)", { key: Symbol("s") }],
  ["context is an instance of RegExp", /x/],
] as const)("%s: refused, with the cure", ([problem, context]) => {
  expect(() => formOf([], context)).toThrowError(
    `${problem}, which cannot be compared between two states.\n` +
      "Keep it outside of the context, in a variable of the spec, or keep plain data of it there: " +
      "numbers, strings, dates, arrays, objects, Map, Set.",
  );
});

test("refuses a cycle with EXPLORE_USAGE, and allows the same object twice", () => {
  const shared = { a: 1 };
  expect(formOf([], { x: shared, y: shared })).toBe(formOf([], { x: { a: 1 }, y: { a: 1 } }));
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect(() => formOf([], loop)).toThrowError(
    expect.objectContaining({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining("context.self contains itself") as string,
    }),
  );
});
